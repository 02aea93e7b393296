#include "config/language/executor.hpp"

#include "config/language/evaluator.hpp"

#include <algorithm>

namespace sluice::language::detail {

namespace {

using failure = tl::unexpected<evaluation_error>;

/// Makes a scope the innermost one while it exists.
class entered {
public:
  entered(context& c, frame* inner) noexcept : c_(c), outer_(std::exchange(c.current_frame, inner)) {}
  ~entered() { c_.current_frame = outer_; }
  entered(const entered&) = delete;
  entered& operator=(const entered&) = delete;

private:
  context& c_;
  frame* outer_;
};

/// A scope's variables as they begin. It is the current one while they are looked up outside.
result<frame*> make_scope(context& c, const frame_layout& layout, frame* parent) {
  if (auto ok = c.charge(1 + layout.variables.size() * sizeof(object)); !ok)
    return failure(ok.error());
  auto& made = c.make_frame(parent, layout.variables.size());
  entered inner{c, &made};
  for (std::size_t i = 0; i < layout.variables.size(); ++i) {
    auto& [name, outside] = layout.variables[i];
    auto x = outside ? value_of(c, *outside) : object{undefined{name}};
    if (!x)
      return failure(x.error());
    made.slots[i] = std::move(*x);
  }
  return &made;
}

/// Runs statements and writes what they give.
class executor {
public:
  explicit executor(context& c) : c_(c) {}

  result<void> run(const body& parts, std::string& out) {
    level guard{c_};
    if (auto ok = guard.check(); !ok)
      return ok;
    for (auto& part : parts) {
      auto ok = run_part(part, out);
      if (ok && out.size() > limits::text)
        ok = refuse("the result is longer than 1 MiB");
      if (!ok) {
        if (!ok.error().at && (part.expr != nullptr || part.what != nullptr))
          ok.error().at = part.expr != nullptr ? part.expr->at : part.what->at;
        return ok;
      }
    }
    return {};
  }

  /// The text of a body in a scope of its own.
  result<std::string> run_scope(const frame_layout& layout, const body& parts) {
    std::string text;
    auto ok = run_inner(layout, parts, text);
    return ok ? result<std::string>{std::move(text)} : failure(ok.error());
  }

  result<std::string> call(const macro_definition& called, frame* defined_in, call_values given);
  result<void> run_loop(const loop& node, const object& iterable, std::size_t depth, std::string& out);

private:
  result<void> run_part(const part& part, std::string& out) {
    if (part.what != nullptr) {
      if (auto ok = c_.charge(1); !ok)
        return ok;
      return std::visit([&](auto& node) { return execute(node, out); }, part.what->node);
    }
    if (part.expr == nullptr) {
      out += part.text;
      return c_.charge(part.text.size());
    }
    auto text = render(c_, *part.expr);
    if (!text)
      return failure(text.error());
    if (out.empty())
      out = std::move(*text);
    else
      out += *text;
    return {};
  }

  result<void> run_inner(const frame_layout& layout, const body& parts, std::string& out) {
    auto made = make_scope(c_, layout, c_.current_frame);
    if (!made)
      return failure(made.error());
    entered inner{c_, *made};
    return run(parts, out);
  }

  result<void> execute(const choice& node, std::string& out) {
    for (auto& [condition, inner] : node.branches) {
      auto x = evaluate(c_, *condition);
      if (!x)
        return failure(x.error());
      if (truthy(*x))
        return run(inner, out);
    }
    return run(node.otherwise, out);
  }

  result<void> execute(const loop& node, std::string& out) {
    auto iterable = evaluate(c_, *node.iterable);
    return iterable ? run_loop(node, *iterable, 1, out) : failure(iterable.error());
  }

  result<void> execute(const assignment& node, std::string&) {
    auto x = evaluate(c_, *node.x);
    return x ? assign(node.to, *x) : failure(x.error());
  }

  result<void> execute(const block_assignment& node, std::string&) {
    return filtered(node).and_then([&](const object& x) { return assign(node.to, x); });
  }

  result<void> execute(const filter_block& node, std::string& out) {
    auto text = filtered(node).and_then([&](const object& x) { return c_.text_of(x); });
    if (!text)
      return failure(text.error());
    out += *text;
    return {};
  }

  /// What the filters behind a block make of its text.
  template <class Block>
  result<object> filtered(const Block& node) {
    auto text = run_scope(*node.layout, node.inner);
    if (!text)
      return failure(text.error());
    auto around = std::exchange(c_.block_text, object{value{std::move(*text)}});
    auto x = evaluate(c_, *node.filtered);
    c_.block_text = std::move(around);
    return x;
  }

  result<void> execute(const macro& node, std::string&);
  result<void> execute(const call_block& node, std::string& out);

  result<void> execute(const scope_block& node, std::string& out) {
    std::vector<object> given;
    for (auto& [ignored, e] : node.variables) {
      auto x = evaluate(c_, *e);
      if (!x)
        return failure(x.error());
      given.push_back(std::move(*x));
    }
    auto made = make_scope(c_, *node.layout, c_.current_frame);
    if (!made)
      return failure(made.error());
    entered inner{c_, *made};
    for (std::size_t i = 0; i < given.size(); ++i) {
      if (auto ok = assign(node.variables[i].first, given[i]); !ok)
        return ok;
    }
    return run(node.inner, out);
  }

  result<void> execute(const inclusion&, std::string&) {
    return refuse("there are no other templates", error_kind::type);
  }

  result<void> assign(const target& to, const object& x) {
    if (!to.items.empty()) {
      auto items = c_.elements_of(x);
      if (!items)
        return failure(items.error());
      if (items->size() != to.items.size())
        return refuse("there are " + std::to_string(to.items.size())
                      + " variables to set, but another number of values");
      for (std::size_t i = 0; i < items->size(); ++i) {
        if (auto ok = assign(to.items[i], (*items)[i]); !ok)
          return ok;
      }
      return {};
    }
    if (auto ok = c_.charge_copy(x); !ok)
      return ok;
    if (!to.attribute.empty())
      return assign_attribute(to, x);
    auto* scope = c_.current_frame;
    for (std::size_t i = 0; i < to.variable->depth; ++i)
      scope = scope->parent;
    scope->slots[to.variable->slot] = x;
    return {};
  }

  result<void> assign_attribute(const target& to, const object& x) {
    auto owner = value_of(c_, *to.variable);
    if (!owner)
      return failure(owner.error());
    auto* space = dynamic_cast<const namespace_entity*>(owner->as_entity());
    if (space == nullptr)
      return refuse("'" + to.variable->name + "' is no namespace: its attributes cannot be set");
    return set_item(c_, space->items(), object{value{to.attribute}}, x);
  }

  context& c_;
};

/// A macro, or the block of a call, with the scope that it was defined in.
class macro_entity final : public entity {
public:
  macro_entity(const macro_definition& definition, frame* defined_in)
    : definition_(definition), defined_in_(defined_in) {}

  std::string_view kind() const noexcept override { return "a macro"; }
  std::string text() const override { return "<Macro '" + definition_.name + "'>"; }
  bool is_callable() const noexcept override { return true; }
  result<object> call(context& c, call_values given) const override {
    auto text = executor{c}.call(definition_, defined_in_, std::move(given));
    return text ? c.text(std::move(*text)) : failure(text.error());
  }
  std::optional<object> attribute(context& c, std::string_view name) const override {
    if (name == "name")
      return object{value{definition_.name}};
    if (name == "caller")
      return object{value{definition_.caller != nullptr}};
    if (name == "catch_kwargs")
      return object{value{definition_.named != nullptr}};
    if (name == "catch_varargs")
      return object{value{definition_.rest != nullptr}};
    if (name != "arguments")
      return std::nullopt;
    std::vector<object> names;
    for (auto* parameter : definition_.parameters)
      names.emplace_back(value{parameter->name});
    return c.make_list(std::move(names), list_kind::tuple);
  }

private:
  const macro_definition& definition_;
  frame* defined_in_;
};

/// Jinja's `loop`.
class loop_entity final : public entity {
public:
  loop_entity(const loop& node, std::vector<object> items, std::size_t depth, frame* around)
    : node_(node), items_(std::move(items)), depth_(depth), around_(around) {}

  const std::vector<object>& items() const noexcept { return items_; }
  void go_to(std::size_t index) const noexcept { index_ = index; }

  std::string_view kind() const noexcept override { return "a loop"; }
  std::string text() const override {
    return "<LoopContext " + std::to_string(index_ + 1) + "/" + std::to_string(items_.size()) + ">";
  }
  bool is_callable() const noexcept override { return node_.is_recursive; }

  /// The same loop, over what is below an element.
  result<object> call(context& c, call_values given) const override {
    if (!node_.is_recursive)
      return refuse("this loop is not recursive: put 'recursive' behind it", error_kind::type);
    if (given.positional.size() != 1 || !given.named.empty())
      return refuse("a loop takes one argument", error_kind::type);
    entered outside{c, around_};
    std::string text;
    if (auto ok = executor{c}.run_loop(node_, given.positional[0], depth_ + 1, text); !ok)
      return failure(ok.error());
    return c.text(std::move(text));
  }

  std::optional<object> attribute(context& c, std::string_view name) const override;

private:
  /// `cycle(a, b, ...)`: one of the arguments in turn.
  static result<object> cycle(context&, const object& self, const arguments& args) {
    auto& me = static_cast<const loop_entity&>(*self.as_entity());
    if (args.rest().empty())
      return refuse("there are no values to take in turn", error_kind::type);
    return args.rest()[me.index_ % args.rest().size()];
  }

  /// `changed(...)`: whether the arguments are others than the last time.
  static result<object> changed(context& c, const object& self, const arguments& args) {
    auto& me = static_cast<const loop_entity&>(*self.as_entity());
    bool same = me.last_seen_ && me.last_seen_->size() == args.rest().size();
    for (std::size_t i = 0; same && i < args.rest().size(); ++i) {
      if (auto ok = c.charge_comparison((*me.last_seen_)[i], args.rest()[i]); !ok)
        return failure(ok.error());
      same = equal((*me.last_seen_)[i], args.rest()[i]);
    }
    if (!same)
      me.last_seen_ = args.rest();
    return object{value{!same}};
  }

  const loop& node_;
  std::vector<object> items_;
  std::size_t depth_;
  frame* around_;
  mutable std::size_t index_ = 0;
  mutable std::optional<std::vector<object>> last_seen_;
};

std::optional<object> loop_entity::attribute(context& c, std::string_view name) const {
  auto number = [](std::size_t x) { return object{value{static_cast<std::int64_t>(x)}}; };
  static const builtin cycle_method{"cycle", {}, 0, true, cycle};
  static const builtin changed_method{"changed", {}, 0, true, changed};
  auto size = items_.size();
  if (name == "index")
    return number(index_ + 1);
  if (name == "index0")
    return number(index_);
  if (name == "revindex")
    return number(size - index_);
  if (name == "revindex0")
    return number(size - index_ - 1);
  if (name == "first")
    return object{value{index_ == 0}};
  if (name == "last")
    return object{value{index_ + 1 == size}};
  if (name == "length")
    return number(size);
  if (name == "depth")
    return number(depth_);
  if (name == "depth0")
    return number(depth_ - 1);
  if (name == "previtem")
    return index_ > 0 ? items_[index_ - 1] : object{undefined{"the element before the first"}};
  if (name == "nextitem")
    return index_ + 1 < size ? items_[index_ + 1] : object{undefined{"the element behind the last"}};
  if (name == "cycle" || name == "changed")
    return c.make_entity<builtin_entity>(name == "cycle" ? cycle_method : changed_method, object{this});
  return std::nullopt;
}

result<void> executor::run_loop(const loop& node, const object& iterable, std::size_t depth, std::string& out) {
  level guard{c_};
  auto items = guard.check().and_then([&] { return c_.elements_of(iterable); });
  if (!items)
    return failure(items.error());
  auto* around = c_.current_frame;
  if (node.condition != nullptr) {
    std::vector<object> taken;
    for (auto& item : *items) {
      auto made = make_scope(c_, *node.condition_layout, around);
      if (!made)
        return failure(made.error());
      entered inner{c_, *made};
      auto holds = assign(node.condition_item, item).and_then([&] { return evaluate(c_, *node.condition); });
      if (!holds)
        return failure(holds.error());
      if (truthy(*holds))
        taken.push_back(item);
    }
    items = std::move(taken);
  }
  if (items->empty())
    return run_inner(*node.otherwise_layout, node.otherwise, out);
  auto self = c_.make_entity<loop_entity>(node, std::move(*items), depth, around);
  auto& state = static_cast<const loop_entity&>(*self.as_entity());
  for (std::size_t i = 0; i < state.items().size(); ++i) {
    state.go_to(i);
    auto made = make_scope(c_, *node.layout, around);
    if (!made)
      return failure(made.error());
    entered inner{c_, *made};
    if (node.variable != nullptr)
      (*made)->slots[node.variable->slot] = self;
    auto ok = assign(node.item, state.items()[i]).and_then([&] { return run(node.inner, out); });
    if (!ok)
      return ok;
  }
  return {};
}

result<void> executor::execute(const macro& node, std::string&) {
  auto* scope = c_.current_frame;
  for (std::size_t i = 0; i < node.variable->depth; ++i)
    scope = scope->parent;
  scope->slots[node.variable->slot] = c_.make_entity<macro_entity>(*node.definition, c_.current_frame);
  return {};
}

result<void> executor::execute(const call_block& node, std::string& out) {
  auto caller = c_.make_entity<macro_entity>(*node.caller, c_.current_frame);
  auto text = evaluate_call(c_, *node.call, caller).and_then([&](const object& x) { return c_.text_of(x); });
  if (!text)
    return failure(text.error());
  out += *text;
  return {};
}

/// Puts arguments to a macro's parameters as Jinja does: what is missing is undefined, or has a default.
result<std::string> executor::call(const macro_definition& called, frame* defined_in, call_values given) {
  level guard{c_};
  auto made = guard.check().and_then([&] { return make_scope(c_, *called.layout, defined_in); });
  if (!made)
    return failure(made.error());
  auto& slots = (*made)->slots;
  auto take_named = [&](const std::string& name) -> std::optional<object> {
    auto found = std::find_if(given.named.begin(), given.named.end(), [&](auto& x) { return x.first == name; });
    if (found == given.named.end())
      return std::nullopt;
    auto x = std::move(found->second);
    given.named.erase(found);
    return x;
  };
  entered inner{c_, *made};
  auto required = called.parameters.size() - called.defaults.size();
  for (std::size_t i = 0; i < called.parameters.size(); ++i) {
    auto& parameter = *called.parameters[i];
    std::optional<object> x;
    if (i < given.positional.size())
      x = given.positional[i];
    else
      x = take_named(parameter.name);
    if (!x && i >= required) {
      auto otherwise = evaluate(c_, *called.defaults[i - required]);
      if (!otherwise)
        return failure(otherwise.error());
      x = std::move(*otherwise);
    }
    slots[parameter.slot] = x ? std::move(*x) : object{undefined{parameter.name}};
  }
  if (called.caller != nullptr)
    slots[called.caller->slot] = take_named("caller").value_or(object{undefined{"caller"}});
  if (called.named != nullptr) {
    auto& dict = c_.make_dict();
    for (auto& [name, x] : given.named)
      dict.items.emplace_back(object{value{std::move(name)}}, std::move(x));
    slots[called.named->slot] = object{&dict};
  } else if (!given.named.empty()) {
    return refuse("the macro '" + called.name + "' has no parameter '" + given.named.front().first + "'",
                  error_kind::type);
  }
  auto taken = std::min(given.positional.size(), called.parameters.size());
  std::vector<object> rest{given.positional.begin() + static_cast<std::ptrdiff_t>(taken), given.positional.end()};
  if (called.rest == nullptr && !rest.empty())
    return refuse("the macro '" + called.name + "' takes fewer arguments", error_kind::type);
  if (called.rest != nullptr)
    slots[called.rest->slot] = c_.make_list(std::move(rest), list_kind::tuple);
  std::string text;
  auto ok = run(called.inner, text);
  return ok ? result<std::string>{std::move(text)} : failure(ok.error());
}

} // namespace

result<std::string> execute(context& c, const program& p) {
  auto outermost
    = p.layout == nullptr || p.layout->variables.empty() ? result<frame*>{nullptr} : make_scope(c, *p.layout, nullptr);
  if (!outermost)
    return failure(outermost.error());
  entered inner{c, *outermost};
  std::string out;
  auto ok = executor{c}.run(p.parts, out);
  return ok ? result<std::string>{std::move(out)} : failure(ok.error());
}

} // namespace sluice::language::detail
