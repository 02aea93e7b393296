#include "config/language/evaluator.hpp"

#include "config/language/lookup.hpp"
#include "config/language/operators.hpp"

namespace sluice::language::detail {

/// Walks an expression. Depth is bounded by the parser; every node is computed at most once.
class evaluator {
public:
  explicit evaluator(context& c) : c_(c) {}

  result<object> run(const expression& e) {
    if (auto ok = c_.charge(1); !ok)
      return failure(evaluation_error{std::move(ok.error().message), false, e.at});
    auto x = std::visit([&](auto& node) { return compute(node, e); }, e.node);
    if (!x && !x.error().at)
      x.error().at = e.at;
    return x;
  }

private:
  using failure = tl::unexpected<evaluation_error>;

  result<object> compute(const constant& node, const expression&) {
    auto* plain = node.x.as_value();
    return plain != nullptr ? object::borrow(*plain) : node.x;
  }

  result<object> compute(const variable& node, const expression&) {
    if (auto* x = c_.variables().find(node.name))
      return object::borrow(*x);
    return object{undefined{node.name}};
  }

  result<object> compute(const attribute& node, const expression& e) {
    auto base = run(*node.base);
    return base ? named(read_attribute(*base, node.name, node.is_method), e) : base;
  }

  /// Messages name what is missing by its whole path, if it has one.
  static result<object> named(result<object> x, const expression& e) {
    if (x && x->as_undefined() != nullptr && !e.path.empty())
      return object{undefined{e.path}};
    return x;
  }

  result<object> compute(const subscript& node, const expression& e) {
    auto base = run(*node.base);
    if (!base)
      return base;
    auto index = run(*node.index);
    return index ? named(read_item(*base, *index), e) : index;
  }

  result<object> compute(const slice_of& node, const expression&) {
    auto base = run(*node.base);
    if (!base)
      return base;
    slice_bounds bounds;
    std::optional<std::int64_t>* targets[] = {&bounds.first, &bounds.last, &bounds.step};
    const expression_ptr* sources[] = {&node.first, &node.last, &node.step};
    for (std::size_t i = 0; i < 3; ++i) {
      if (*sources[i] == nullptr)
        continue;
      auto x = run(**sources[i]);
      if (!x)
        return x;
      if (x->is_none())
        continue;
      *targets[i] = as_integer(*x);
      if (!*targets[i])
        return refuse_kind(*x, "an integer as a slice's bound");
    }
    return read_slice(c_, *base, bounds);
  }

  result<object> compute(const function_call& node, const expression&) {
    return call(*node.function, object{}, node.arguments, nullptr);
  }

  result<object> compute(const method_call& node, const expression&) {
    auto base = run(*node.base);
    if (!base)
      return base;
    if (auto* missing = base->as_undefined())
      return refuse_undefined(*missing);
    auto* method = find_method(*base, node.name);
    if (method == nullptr)
      return refuse(std::string{kind_of(*base)} + " has no method '" + node.name + "'");
    return call(*method, *base, node.arguments, nullptr);
  }

  result<object> compute(const filter_call& node, const expression&) {
    auto base = run(*node.base);
    return base ? call(*node.filter, *base, node.arguments, node.pattern.get()) : base;
  }

  result<object> compute(const test_call& node, const expression&) {
    auto base = run(*node.base);
    if (!base)
      return base;
    auto holds = call(*node.test, *base, node.arguments, nullptr);
    return holds ? object{value{truthy(*holds) != node.negated}} : holds;
  }

  result<object> compute(const unary& node, const expression&) {
    auto x = run(*node.operand);
    if (!x)
      return x;
    switch (node.op) {
      case unary_operator::negative:
        return negate(*x);
      case unary_operator::positive:
        if (auto i = as_integer(*x)) // `+true` is 1
          return object{value{*i}};
        return as_number(*x) ? x : refuse_kind(*x, "a number behind '+'");
      default:
        return object{value{!truthy(*x)}};
    }
  }

  result<object> compute(const binary& node, const expression&) {
    auto left = run(*node.left);
    if (!left)
      return left;
    auto right = run(*node.right);
    return right ? apply(c_, node.op, *left, *right) : right;
  }

  result<object> compute(const logical& node, const expression&) {
    result<object> x;
    for (auto& operand : node.operands) {
      x = run(*operand);
      if (!x || truthy(*x) != node.is_and)
        return x;
    }
    return x;
  }

  result<object> compute(const comparison& node, const expression&) {
    auto left = run(*node.first);
    if (!left)
      return left;
    for (auto& [op, operand] : node.rest) {
      auto right = run(*operand);
      if (!right)
        return right;
      auto holds = compare(c_, op, *left, *right);
      if (!holds)
        return failure(holds.error());
      if (!*holds)
        return object{value{false}};
      left = std::move(right);
    }
    return object{value{true}};
  }

  result<object> compute(const conditional& node, const expression&) {
    auto test = run(*node.test);
    if (!test)
      return test;
    if (truthy(*test))
      return run(*node.then);
    return node.otherwise != nullptr ? run(*node.otherwise)
                                     : object{undefined{"the missing 'else' part of the condition"}};
  }

  result<object> compute(const concatenation& node, const expression&) {
    std::string out;
    for (auto& operand : node.parts) {
      auto x = run(*operand);
      if (!x)
        return x;
      auto text = c_.text_of(*x);
      if (!text)
        return failure(text.error());
      out += *text;
      if (out.size() > limits::text)
        break;
    }
    return c_.text(std::move(out));
  }

  result<object> compute(const sequence_display& node, const expression&) {
    std::vector<object> items;
    for (auto& e : node.items) {
      auto x = run(*e);
      if (!x)
        return x;
      items.push_back(std::move(*x));
    }
    return make_sequence(std::move(items), node.is_tuple);
  }

  result<object> compute(const dict_display& node, const expression&) {
    value_dict dict;
    for (auto& [key_expression, item_expression] : node.items) {
      auto key = run(*key_expression);
      if (!key)
        return key;
      auto x = run(*item_expression);
      if (!x)
        return x;
      if (key->as_string() == nullptr)
        return refuse_kind(*key, "a string as a dict's key");
      if (x->as_value() == nullptr)
        return refuse_kind(*x, "a plain value in a dict");
      auto known = std::find_if(dict.begin(), dict.end(), [&](auto& item) { return item.first == *key->as_string(); });
      if (known != dict.end())
        known->second = *x->as_value();
      else
        dict.emplace_back(*key->as_string(), *x->as_value());
    }
    return object{value{std::move(dict)}};
  }

  result<object> call(const builtin& called, const object& self, const call_arguments& given, const re2::RE2* pattern) {
    std::vector<object> positional;
    for (auto& e : given.positional) {
      auto x = run(*e);
      if (!x)
        return x;
      positional.push_back(std::move(*x));
    }
    std::vector<std::pair<std::string_view, object>> named;
    for (auto& [name, e] : given.named) {
      auto x = run(*e);
      if (!x)
        return x;
      named.emplace_back(name, std::move(*x));
    }
    auto bound = called.bind(std::move(positional), std::move(named));
    if (!bound)
      return failure(bound.error());
    bound->pattern_ = pattern;
    auto x = called.run(c_, self, *bound);
    if (!x)
      x.error().message = "'" + std::string{called.name} + "': " + x.error().message;
    return x;
  }

  context& c_;
};

result<object> evaluate(context& c, const expression& e) {
  return evaluator{c}.run(e);
}

} // namespace sluice::language::detail
