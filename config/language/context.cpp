#include "config/language/context.hpp"

#include <algorithm>

namespace sluice::language::detail {

namespace {

tl::unexpected<evaluation_error> too_long() {
  return refuse("the result is longer than 1 MiB");
}

} // namespace

result<void> context::too_much() {
  return refuse("the template does too much work for one evaluation");
}

result<void> context::charge_comparison(const object& a, const object& b) {
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
  std::string out;
  if (!append_text(out, x, limits::text))
    return too_long();
  if (auto ok = charge(out.size()); !ok)
    return tl::unexpected(ok.error());
  return out;
}

result<std::vector<object>> context::elements_of(const object& x) {
  auto size = length(x);
  if (!size)
    return refuse_kind(x, "a list, dict or string");
  if (auto ok = charge(*size * sizeof(object)); !ok)
    return tl::unexpected(ok.error());
  return *elements(x);
}

tl::unexpected<evaluation_error> refuse_undefined(const undefined& x) {
  auto what = x.what.empty() ? std::string{"a value that is used here"} : "'" + x.what + "'";
  return tl::unexpected<evaluation_error>(evaluation_error{what + " is undefined", true});
}

tl::unexpected<evaluation_error> refuse_kind(const object& x, const std::string& wanted) {
  if (auto* missing = x.as_undefined())
    return refuse_undefined(*missing);
  return refuse(wanted + " is needed, not " + std::string{kind_of(x)});
}

} // namespace sluice::language::detail
