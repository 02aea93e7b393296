#include "config/language/evaluator.hpp"

#include "config/language/entity.hpp"
#include "config/language/lookup.hpp"
#include "config/language/operators.hpp"

namespace sluice::language::detail {

/// Walks an expression. Depth is bounded by the parser; every node is computed at most once.
class evaluator {
public:
  /// @param caller what the outermost call gets as its argument `caller`, if there is something.
  explicit evaluator(context& c, const object* caller = nullptr) : c_(c), caller_(caller) {}

  result<object> run(const expression& e) {
    level guard{c_};
    if (auto ok = c_.charge(1).and_then([&] { return guard.check(); }); !ok)
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
    auto how
      = root == nullptr
          ? nullptr
          : c_.variables().quote_of(root->bound->is == binding::kind::local ? root->bound->quoted_as : root->name);
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

  result<object> compute(const variable& node, const expression&) { return value_of(c_, *node.bound); }

  result<object> compute(const block_text&, const expression&) { return c_.block_text; }

  result<object> compute(const attribute& node, const expression& e) {
    auto base = run(*node.base);
    if (!base)
      return base;
    if (auto ok = c_.charge_lookup(*base); !ok)
      return failure(ok.error());
    return named(read_attribute(c_, *base, node.name, node.is_method), e);
  }

  /// The text that `e` is, if it is a literal.
  static const std::string* literal_text(const expression& e) {
    auto* node = std::get_if<constant>(&e.node);
    return node == nullptr ? nullptr : node->x.as_string();
  }

  /// `base.get('key')` and `base.get('key', otherwise)` of a dict: what most templates call, without lists of
  /// arguments.
  result<object> get_item(const object& base, const std::string& key, const method_call& node) {
    if (auto ok = c_.charge_lookup(base).and_then([&] { return c_.charge(key.size()); }); !ok)
      return failure(ok.error());
    auto& given = node.arguments.positional;
    auto otherwise = given.size() > 1 ? run(*given[1]) : object{};
    if (!otherwise)
      return otherwise;
    auto* plain = base.as_value();
    if (plain != nullptr) {
      auto* x = plain->find(key);
      return x != nullptr ? result<object>{base.part(*x)} : otherwise;
    }
    auto x = find_item(base, object{value{key}});
    return x ? *x : otherwise;
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
    if (auto ok = c_.charge_lookup(*base); !ok)
      return failure(ok.error());
    if (auto* key = literal_text(*node.index))
      return named(read_key(c_, *base, *key), e);
    auto index = run(*node.index);
    return index ? named(read_item(c_, *base, *index), e) : index;
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
    auto* name = std::get_if<variable>(&node.called->node);
    if (name != nullptr && name->bound->is == binding::kind::function) {
      auto given = values_of(node.arguments);
      return given ? call_builtin(c_, *name->bound->function, object{}, std::move(*given)) : failure(given.error());
    }
    auto caller = std::exchange(caller_, nullptr);
    auto called = run(*node.called);
    if (!called)
      return called;
    auto given = values_of(node.arguments);
    if (!given)
      return failure(given.error());
    if (caller != nullptr)
      given->named.emplace_back("caller", *caller);
    return call_object(c_, *called, std::move(*given));
  }

  result<object> compute(const method_call& node, const expression&) {
    auto caller = std::exchange(caller_, nullptr);
    auto base = run(*node.base);
    if (!base)
      return base;
    if (auto* missing = base->as_undefined())
      return refuse_undefined(*missing);
    if (node.key != nullptr && base->is_dict())
      return get_item(*base, *node.key, node);
    auto* method = find_method(*base, node.name);
    auto called = method == nullptr ? read_attribute(c_, *base, node.name, false) : object{};
    if (!called)
      return called;
    if (called->as_undefined() != nullptr) // Python finds no attribute, and Jinja calls something undefined
      return refuse(std::string{kind_of(*base)} + " has no method '" + node.name + "'", error_kind::undefined);
    auto given = values_of(node.arguments);
    if (!given)
      return failure(given.error());
    if (method != nullptr)
      return call_builtin(c_, *method, *base, std::move(*given));
    if (caller != nullptr)
      given->named.emplace_back("caller", *caller);
    return call_object(c_, *called, std::move(*given));
  }

  result<object> compute(const filter_call& node, const expression&) {
    if (node.filter == nullptr)
      return refuse("there is no filter '" + node.name + "'");
    auto base = run(*node.base);
    if (!base)
      return base;
    auto given = values_of(node.arguments);
    return given ? call_builtin(c_, *node.filter, *base, std::move(*given), node.pattern.get())
                 : failure(given.error());
  }

  result<object> compute(const test_call& node, const expression&) {
    if (node.test == nullptr)
      return refuse("there is no test '" + node.name + "'");
    auto base = run(*node.base);
    if (!base)
      return base;
    auto given = values_of(node.arguments);
    if (!given)
      return failure(given.error());
    auto holds = call_builtin(c_, *node.test, *base, std::move(*given));
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
      bool membership = op == comparison_operator::in || op == comparison_operator::not_in;
      auto* choices = membership && node.rest.size() == 1 ? std::get_if<sequence_display>(&operand->node) : nullptr;
      if (choices != nullptr)
        return is_one_of(*left, *choices, op == comparison_operator::not_in);
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

  /// `x in (a, b)`: the list is not made. All of it is evaluated, as its elements may be errors.
  result<object> is_one_of(const object& x, const sequence_display& choices, bool negated) {
    bool found = false;
    for (auto& e : choices.items) {
      auto item = run(*e);
      if (!item)
        return item;
      auto same = found ? result<bool>{true} : compare(c_, comparison_operator::equal, x, *item);
      if (!same)
        return failure(same.error());
      found = *same;
    }
    return object{value{found != negated}};
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
    return c_.make_list(std::move(items), node.is_tuple ? list_kind::tuple : list_kind::list);
  }

  result<object> compute(const dict_display& node, const expression&) {
    auto& dict = c_.make_dict();
    for (auto& [key_expression, item_expression] : node.items) {
      auto key = run(*key_expression);
      if (!key)
        return key;
      auto x = run(*item_expression);
      if (!x)
        return x;
      if (auto ok = set_item(c_, dict, std::move(*key), std::move(*x)); !ok)
        return failure(ok.error());
    }
    return object{&dict};
  }

  result<call_values> values_of(const call_arguments& given) {
    call_values made;
    made.positional.reserve(given.positional.size());
    for (auto& e : given.positional) {
      auto x = run(*e);
      if (!x)
        return failure(x.error());
      made.positional.push_back(std::move(*x));
    }
    for (auto& [name, e] : given.named) {
      auto x = run(*e);
      if (!x)
        return failure(x.error());
      made.named.emplace_back(name, std::move(*x));
    }
    if (given.list == nullptr && given.dict == nullptr)
      return made;
    auto spread = spread_into(made, given);
    return spread ? result<call_values>{std::move(made)} : failure(spread.error());
  }

  /// `*list` and `**dict`.
  result<void> spread_into(call_values& made, const call_arguments& given) {
    if (given.list != nullptr) {
      auto items = run(*given.list).and_then([&](const object& x) { return c_.elements_of(x); });
      if (!items)
        return failure(items.error());
      made.positional.insert(made.positional.end(), items->begin(), items->end());
    }
    if (given.dict == nullptr)
      return {};
    auto dict = run(*given.dict);
    if (!dict)
      return failure(dict.error());
    auto items = mapping::of(*dict);
    if (!items)
      return refuse_kind(*dict, "a dict behind '**'");
    if (auto ok = c_.charge_elements(*dict); !ok)
      return ok;
    for (std::size_t i = 0; i < items->size(); ++i) {
      auto key = items->key(i);
      if (key.as_string() == nullptr)
        return refuse_kind(key, "a string as the name of an argument");
      made.named.emplace_back(*key.as_string(), items->at(i));
    }
    return {};
  }

  context& c_;
  const object* caller_;
};

result<object> value_of(context& c, const binding& b) {
  switch (b.is) {
    case binding::kind::given:
      if (auto* x = c.given(b.name))
        return object::borrow(*x);
      return object{undefined{b.name}};
    case binding::kind::function:
      return c.make_entity<builtin_entity>(*b.function);
    default:
      auto* scope = c.current_frame;
      for (std::size_t i = 0; i < b.depth; ++i)
        scope = scope->parent;
      return scope->slots[b.slot];
  }
}

result<object> evaluate(context& c, const expression& e) {
  return evaluator{c}.run(e);
}

result<object> evaluate_call(context& c, const expression& call, const object& caller) {
  return evaluator{c, &caller}.run(call);
}

result<std::string> render(context& c, const expression& e) {
  if (c.variables().quotes())
    return evaluator{c}.write(e);
  auto x = evaluate(c, e);
  return x ? c.text_of(*x) : tl::unexpected(x.error());
}

} // namespace sluice::language::detail
