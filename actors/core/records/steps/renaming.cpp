#include "actors/core/records/steps/renaming.hpp"

#include "actors/core/records/key_changes.hpp"
#include "config/language/characters.hpp"
#include "messages/text/json_text.hpp"

#include <string>
#include <utility>

namespace sluice::steps {

namespace {

std::string replaced(std::string_view text, const std::string& from, const std::string& to) {
  std::string result;
  if (from.empty()) { // as in Python: before each character and at the end
    for (std::size_t i = 0; i < text.size(); ++i) {
      if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U)
        result += to;
      result.push_back(text[i]);
    }
    return result + to;
  }
  for (;;) {
    const auto at = text.find(from);
    if (at == std::string_view::npos)
      return result.append(text);
    result.append(text.substr(0, at)).append(to);
    text.remove_prefix(at + from.size());
  }
}

} // namespace

expected<bool> lowering::take(passage& p) {
  std::string changed;
  append_renamed(changed, p.record.text(), false,
                 [](std::string_view key) { return std::optional{language::detail::lower(key)}; });
  p.record.replace(std::move(changed));
  return true;
}

expected<bool> snake_casing::take(passage& p) {
  std::string changed;
  std::string unknown;
  auto ok = append_renamed(changed, p.record.text(), true, [&](std::string_view key) {
    auto result = snake_case(key);
    if (!result)
      unknown = key;
    return result;
  });
  if (!ok)
    return fail(errc::bad_page, failure_type::system_error,
                "the key " + json_string(unknown)
                  + " has letters beyond the Latin ones, of which KeysToSnakeCase makes no others here");
  p.record.replace(std::move(changed));
  return true;
}

expected<bool> replacing::take(passage& p) {
  const auto& scope = p.scope_with_record();
  auto text_of = [&](const text_template& t) {
    return t.evaluate(scope).map([](const language::value& x) { return language::to_text(x); });
  };
  auto from = text_of(step_.from);
  auto to = from ? text_of(step_.to) : expected<std::string>{std::string{}};
  if (!from || !to)
    return tl::unexpected(from ? std::move(to.error()) : std::move(from.error()));
  std::string changed;
  append_renamed(changed, p.record.text(), true,
                 [&](std::string_view key) { return std::optional{replaced(key, *from, *to)}; });
  p.record.replace(std::move(changed));
  return true;
}

} // namespace sluice::steps
