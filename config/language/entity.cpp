#include "config/language/entity.hpp"

#include "config/language/context.hpp"

namespace sluice::language::detail {

namespace {

using failure = tl::unexpected<evaluation_error>;

/// `next` and `reset` of a cycler.
result<object> cycler_next(context&, const object& self, const arguments&) {
  return static_cast<const cycler_entity*>(self.as_entity())->next();
}

result<object> cycler_reset(context&, const object& self, const arguments&) {
  static_cast<const cycler_entity*>(self.as_entity())->reset();
  return object{};
}

/// Every builtin reads what it is given: texts whole, and of dicts as much as finding a key takes.
result<void> charge_for(context& c, const object& self, const arguments& args) {
  auto ok = c.charge_lookup(self);
  for (auto& slot : args.slots()) {
    if (ok && slot)
      ok = c.charge_lookup(*slot);
  }
  for (auto& x : args.rest()) {
    if (ok)
      ok = c.charge_lookup(x);
  }
  return ok;
}

} // namespace

// NOLINTNEXTLINE(performance-unnecessary-value-param): what overrides it keeps what is given
result<object> entity::call(context&, call_values) const {
  return refuse(std::string{kind()} + " cannot be called", error_kind::type);
}

std::optional<object> entity::attribute(context&, std::string_view) const {
  return std::nullopt;
}

std::string builtin_entity::text() const {
  auto name = std::string{what_.name};
  if (!self_)
    return "<function " + name + " at 0x0>";
  return "<built-in method " + name + " of " + std::string{python_type(*self_)} + " object at 0x0>";
}

result<object> builtin_entity::call(context& c, call_values given) const {
  return call_builtin(c, what_, self_.value_or(object{}), std::move(given));
}

std::string namespace_entity::text() const {
  std::string out = "<Namespace ";
  append_repr(out, object{&items_}, limits::text);
  return out + ">";
}

std::optional<object> namespace_entity::attribute(context&, std::string_view name) const {
  return find_item(object{&items_}, object{value{std::string{name}}});
}

object cycler_entity::next() const {
  auto x = values_[at_];
  at_ = (at_ + 1) % values_.size();
  return x;
}

std::string cycler_entity::text() const {
  return "<jinja2.utils.Cycler object at 0x0>";
}

std::optional<object> cycler_entity::attribute(context& c, std::string_view name) const {
  static const builtin next{"next", {}, 0, false, cycler_next};
  static const builtin reset{"reset", {}, 0, false, cycler_reset};
  if (name == "current")
    return current();
  if (name == "next" || name == "reset")
    return c.make_entity<builtin_entity>(name == "next" ? next : reset, object{this});
  return std::nullopt;
}

std::string joiner_entity::text() const {
  return "<jinja2.utils.Joiner object at 0x0>";
}

result<object> joiner_entity::call(context&, call_values given) const {
  if (!given.positional.empty() || !given.named.empty())
    return refuse("a joiner takes no arguments", error_kind::type);
  return std::exchange(used_, true) ? separator_ : object{value{""}};
}

result<object> call_builtin(context& c, const builtin& called, const object& self, call_values given,
                            const re2::RE2* pattern) {
  auto bound = called.bind(std::move(given));
  if (!bound)
    return failure(bound.error());
  bound->set_pattern(pattern);
  if (auto ok = charge_for(c, self, *bound); !ok)
    return failure(ok.error());
  auto x = called.run(c, self, *bound);
  if (!x)
    x.error().message = "'" + std::string{called.name} + "': " + x.error().message;
  return x;
}

result<object> call_object(context& c, const object& called, call_values given) {
  if (auto* missing = called.as_undefined())
    return refuse_undefined(*missing);
  if (auto* x = called.as_entity())
    return x->call(c, std::move(given));
  return refuse(std::string{kind_of(called)} + " cannot be called", error_kind::type);
}

} // namespace sluice::language::detail
