#include "config/language/context.hpp"

#include "config/language/json_part.hpp"

#include <algorithm>

namespace sluice::language::detail {

namespace {

tl::unexpected<evaluation_error> too_long() {
  return refuse("the result is longer than 1 MiB");
}

} // namespace

result<void> context::look_up() {
  if (evaluation_is_stopped())
    return refuse("the run ends before the template is evaluated", error_kind::interrupted);
  if (work_ > limits::work)
    return refuse("the template does too much work for one evaluation");
  next_look_ = std::min(work_ + limits::look, limits::work + 1);
  return {};
}

result<void> context::charge_elements(const object& x, std::size_t times) {
  std::size_t work = 0;
  if (auto view = sequence::of(x)) {
    work = view->size() * sizeof(object);
    for (std::size_t i = 0; i < view->size() && work <= limits::work; ++i)
      work += view->text_size(i);
  } else if (auto dict = mapping::of(x)) {
    work = dict->size() * sizeof(object);
    for (std::size_t i = 0; i < dict->size() && work <= limits::work; ++i)
      work += dict->text_size(i);
  } else if (auto* made = x.as_made_list()) {
    work = made->items.size() * sizeof(object);
  } else if (auto size = length(x)) {
    work = *size * sizeof(object);
  }
  return charge(times > 0 && work > limits::work / times ? limits::work + 1 : work * times);
}

result<void> context::charge_lookup(const object& x) {
  // A key is looked for in a part's text, which goes many times as fast as making and comparing strings.
  constexpr std::size_t scan_speed = 64;
  if (auto* part = x.as_value() == nullptr ? nullptr : x.as_value()->as_json_part())
    return charge(part->bytes() / scan_speed);
  if (x.is_dict())
    return charge(mapping::of(x)->size());
  auto* text = x.as_string();
  return text == nullptr ? result<void>{} : charge(text->size());
}

result<void> context::charge_comparison(const object& a, const object& b) {
  if (a.as_made_list() != nullptr && a.as_made_list() == b.as_made_list()) // Python does not look either
    return {};
  auto plain_size = [](const object& x) -> std::optional<std::size_t> {
    auto* plain = x.as_value();
    if (plain == nullptr || plain->is_list() || plain->is_dict())
      return std::nullopt;
    return 1 + (plain->as_string() != nullptr ? plain->as_string()->size() : 0);
  };
  auto left = plain_size(a);
  if (auto right = plain_size(b); left || right)
    return charge(std::min(left.value_or(limits::text), right.value_or(limits::text)));
  // In steps, so that the larger one is not walked further than the smaller one goes.
  std::size_t cap = 1024;
  auto smaller = std::min(weight(a, cap), weight(b, cap));
  while (smaller >= cap && cap <= limits::work) {
    cap *= 4;
    smaller = std::min(weight(a, cap), weight(b, cap));
  }
  return charge(smaller);
}

result<object> context::text(std::string x) {
  if (x.size() > limits::text)
    return too_long();
  if (auto ok = charge(x.size()); !ok)
    return tl::unexpected(ok.error());
  return object{value{std::move(x)}};
}

result<std::string> context::text_of(const object& x) {
  if (auto* span = x.as_duration(); span != nullptr && span->months != 0)
    return refuse("a duration of calendar months has no text; add it to a datetime");
  if (auto* known = x.as_entity(); known != nullptr && !known->name().empty()) {
    auto name = std::string{known->name()};
    return refuse("'" + name + "' is " + std::string{known->kind()} + ", which has no text: write " + name
                  + "() to call it, or ['" + name + "'] for a key of a dict");
  }
  if (x.is_generator())
    return refuse("what this filter gives has no text: put '| list', '| first' or '| join' behind it");
  std::string out;
  if (!append_text(out, x, limits::text))
    return too_long();
  if (auto ok = charge(out.size()); !ok)
    return tl::unexpected(ok.error());
  return out;
}

result<std::vector<object>> context::elements_of(const object& x) {
  if (auto ok = charge_copy(x).and_then([&] { return charge_elements(x); }); !ok)
    return tl::unexpected(ok.error());
  auto items = elements(x);
  return items ? result<std::vector<object>>{std::move(*items)} : refuse_kind(x, "a list, dict or string");
}

result<value> context::plain_of(const object& x) {
  if (auto* plain = x.as_value())
    return *plain;
  auto cost = weight(x, limits::work + 1);
  if (auto ok = charge(cost); !ok)
    return tl::unexpected(ok.error());
  auto plain = to_plain(x);
  return plain ? result<value>{std::move(*plain)} : refuse_kind(x, "a plain value");
}

object context::make_list(std::vector<object> items, list_kind kind) {
  work_ += made_bytes;
  lists_.push_front({std::move(items), kind});
  return object{&lists_.front()};
}

made_dict& context::make_dict(std::vector<std::pair<object, object>> items) {
  work_ += made_bytes;
  dicts_.push_front({std::move(items)});
  return dicts_.front();
}

frame& context::make_frame(frame* parent, std::size_t slots) {
  work_ += made_bytes;
  frames_.push_front({parent, std::vector<object>(slots)});
  return frames_.front();
}

namespace {

/// What Python can use as a key of a dict.
bool has_hash(const object& x) {
  if (auto* plain = x.as_value())
    return !plain->is_list() && !plain->is_dict();
  auto* made = x.as_made_list();
  if (made == nullptr || made->kind != list_kind::tuple)
    return made == nullptr && x.as_made_dict() == nullptr;
  return std::all_of(made->items.begin(), made->items.end(), has_hash);
}

} // namespace

result<void> set_item(context& c, made_dict& dict, object key, object x) {
  if (!has_hash(key))
    return refuse(std::string{kind_of(key)} + " cannot be a key of a dict", error_kind::type);
  auto ok = c.charge(sizeof(object) + dict.items.size()).and_then([&] { return c.charge_copy(key); }).and_then([&] {
    return c.charge_copy(x);
  });
  if (!ok)
    return ok;
  for (auto& [known, old] : dict.items) {
    if (equal(known, key)) {
      old = std::move(x);
      return {};
    }
  }
  dict.items.emplace_back(std::move(key), std::move(x));
  return {};
}

tl::unexpected<evaluation_error> refuse_undefined(const undefined& x) {
  auto what = x.what.empty() ? std::string{"a value that is used here"} : "'" + x.what + "'";
  return tl::unexpected<evaluation_error>(evaluation_error{what + " is undefined", error_kind::undefined});
}

tl::unexpected<evaluation_error> refuse_kind(const object& x, const std::string& wanted) {
  if (auto* missing = x.as_undefined())
    return refuse_undefined(*missing);
  return refuse(wanted + " is needed, not " + std::string{kind_of(x)}, error_kind::type);
}

} // namespace sluice::language::detail
