#include "app/name_lists.hpp"

#include "actors/core/last_words.hpp"
#include "config/nearest.hpp"
#include "messages/text/glob.hpp"
#include "messages/text/json_text.hpp"

#include <string_view>

namespace sluice {

namespace {

bool mark(const std::vector<std::string>& known, std::string_view name, std::vector<bool>& into) {
  bool found = false;
  for (std::size_t i = 0; i < known.size(); ++i)
    if (known[i] == name)
      into[i] = found = true;
  if (!found && is_glob(name))
    for (std::size_t i = 0; i < known.size(); ++i)
      if (glob_matches(name, known[i]))
        into[i] = found = true;
  return found;
}

tl::unexpected<error> unknown_name(const std::vector<std::string>& known, std::string_view name,
                                   const name_words& words) {
  auto text = words.place + ": " + words.missing + " " + json_string(name) + ".";
  if (!is_glob(name))
    if (const auto near = nearest(name, {known.begin(), known.end()}); !near.empty())
      text += " Did you mean " + json_string(near) + "?";
  text += known.empty() ? " There are none." : " " + words.known + ": " + listed(known) + ".";
  return fail(errc::bad_arguments, failure_type::config_error, std::move(text));
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ')
    text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ')
    text.remove_suffix(1);
  return text;
}

} // namespace

expected<std::vector<bool>> chosen_names(const std::vector<std::string>& known, const std::vector<std::string>& texts,
                                         const name_words& words) {
  std::vector<bool> chosen(known.size());
  for (const auto& text : texts) {
    // A name may have a comma.
    if (mark(known, text, chosen))
      continue;
    std::string_view rest = text;
    for (auto more = true; more;) {
      const auto comma = rest.find(',');
      const auto name = trimmed(rest.substr(0, comma));
      if (!mark(known, name, chosen))
        return unknown_name(known, name, words);
      more = comma != std::string_view::npos;
      rest.remove_prefix(more ? comma + 1 : rest.size());
    }
  }
  return chosen;
}

} // namespace sluice
