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
      return failure(evaluation_error{std::move(ok.error().message), ok.error().kind, e.at});
    auto x = std::visit([&](auto& node) { return compute(node, e); }, e.node);
    // Whoever gets a value of its own gets a copy.
    if (x && !x->is_borrowed()) {
      if (auto ok = c_.charge_copy(*x); !ok)
        x = failure(ok.error());
    }
    if (!x && !x.error().at)
      x.error().at = e.at;
    return x;
  }

  /// As `run`, but the text. What may give a value as it is (`or`, `if`) or puts texts together quotes their parts.
  result<std::string> write(const expression& e) {
    if (auto* node = std::get_if<concatenation>(&e.node))
      return write_all(node->parts);
    if (auto* node = std::get_if<conditional>(&e.node)) {
      auto test = run(*node->test);
      if (!test)
        return failure(test.error());
      if (truthy(*test) || node->otherwise != nullptr)
        return write(truthy(*test) ? *node->then : *node->otherwise);
      return std::string{};
    }
    if (auto* node = std::get_if<logical>(&e.node)) {
      for (auto& operand : node->operands) {
        auto x = run(*operand);
        if (!x || truthy(*x) != node->is_and || operand == node->operands.back())
          return quoted(*operand, x);
      }
    }
    return quoted(e, run(e));
  }

private:
  using failure = tl::unexpected<evaluation_error>;

  result<std::string> write_all(const std::vector<expression_ptr>& parts) {
    std::string out;
    for (auto& part : parts) {
      auto text = write(*part);
      if (!text)
        return text;
      out += *text;
      if (out.size() > limits::text)
        return refuse("the result is longer than 1 MiB");
    }
    return out;
  }

  result<std::string> quoted(const expression& e, const result<object>& x) {
    if (!x)
      return failure(x.error());
    auto text = c_.text_of(*x);
    auto* root = root_of(e);
    auto how = root == nullptr ? nullptr : c_.variables().quote_of(root->name);
    return text && how != nullptr ? how(*text) : text;
  }

  /// The variable that `e` reads a part of, if it does nothing else.
  static const variable* root_of(const expression& e) {
    if (auto* node = std::get_if<attribute>(&e.node))
      return root_of(*node->base);
    if (auto* node = std::get_if<subscript>(&e.node))
      return root_of(*node->base);
    if (auto* node = std::get_if<method_call>(&e.node))
      return node->name == "get" ? root_of(*node->base) : nullptr;
    return std::get_if<variable>(&e.node);
  }

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
    if (!base)
      return base;
    if (auto ok = c_.charge_lookup(*base); !ok)
      return failure(ok.error());
    return named(read_attribute(*base, node.name, node.is_method), e);
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
    if (!index)
      return index;
    if (auto ok = c_.charge_lookup(*base); !ok)
      return failure(ok.error());
    return named(read_item(*base, *index), e);
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
    if (method == nullptr) // Python finds no attribute, and Jinja calls something undefined
      return refuse(std::string{kind_of(*base)} + " has no method '" + node.name + "'", error_kind::undefined);
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
        return as_number(*x) || x->as_big() != nullptr ? x : refuse_kind(*x, "a number behind '+'");
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
      if (auto ok = c_.charge_copy(*x); !ok)
        return failure(ok.error());
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
      if (key->as_string() == nullptr) // no error in Python
        return refuse("only strings are supported as keys of a dict");
      if (x->as_value() == nullptr)
        return refuse("only plain values are supported in a dict");
      if (auto ok = c_.charge_copy(*x).and_then([&] { return c_.charge(dict.size()); }); !ok)
        return failure(ok.error());
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
    if (auto ok = charge_for(self, *bound); !ok)
      return failure(ok.error());
    auto x = called.run(c_, self, *bound);
    if (!x)
      x.error().message = "'" + std::string{called.name} + "': " + x.error().message;
    return x;
  }

  /// Every builtin reads what it is given: texts whole, and of dicts as much as finding a key takes.
  result<void> charge_for(const object& self, const arguments& args) {
    auto ok = c_.charge_lookup(self);
    for (auto& slot : args.slots_) {
      if (ok && slot)
        ok = c_.charge_lookup(*slot);
    }
    for (auto& x : args.rest_) {
      if (ok)
        ok = c_.charge_lookup(x);
    }
    return ok;
  }

  context& c_;
};

result<object> evaluate(context& c, const expression& e) {
  return evaluator{c}.run(e);
}

result<std::string> render(context& c, const expression& e) {
  if (c.variables().quotes())
    return evaluator{c}.write(e);
  auto x = evaluate(c, e);
  return x ? c.text_of(*x) : tl::unexpected(x.error());
}

} // namespace sluice::language::detail
