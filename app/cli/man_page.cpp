#include "app/cli/man_page.hpp"

#include "app/cli/help_text.hpp"

#include <algorithm>

namespace sluice::cli {

namespace {

/// Text that roff takes for no command.
std::string plain(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '-' || c == '\\')
      result += '\\';
    result += c == '\\' ? 'e' : c;
  }
  if (!result.empty() && (result.front() == '.' || result.front() == '\''))
    result.insert(0, "\\&");
  return result;
}

std::string head(const std::string& name, std::string_view version, const std::string& summary) {
  auto title = name;
  std::transform(title.begin(), title.end(), title.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return ".TH " + plain(title) + " 1 \"\" \"sluice " + plain(version) + "\" \"Sluice\"\n.SH NAME\n" + plain(name)
         + " \\- " + plain(summary) + "\n";
}

std::string entry(const std::string& name, const std::string& text) {
  return ".TP\n.B " + plain(name) + "\n" + plain(text) + "\n";
}

std::string exit_status() {
  std::string result = ".SH EXIT STATUS\n";
  for (const auto& x : exit_codes())
    result += entry(x.code, x.meaning);
  return result;
}

std::string dashed(std::string name) {
  std::replace(name.begin(), name.end(), ' ', '-');
  return "sluice-" + name;
}

} // namespace

std::string man_name(const command_doc& command) {
  return dashed(command.name) + ".1";
}

std::string man_page(const command_doc& command, std::string_view version) {
  auto out = head(dashed(command.name), version, command.help);
  out += ".SH SYNOPSIS\n.B sluice " + plain(command.name) + "\n";
  for (const auto& x : command.options)
    if (x.required && !x.names.empty())
      out += plain(usage_of(x)) + "\n";
  out += "[OPTIONS]\n";
  for (const auto& x : command.options)
    if (x.names.empty())
      out += plain(x.required ? usage_of(x) : "[" + usage_of(x) + "]") + "\n";
  out += ".SH OPTIONS\n";
  std::string group;
  for (const auto& x : command.options) {
    if (x.group.empty())
      continue;
    if (x.group != group)
      out += ".SS " + plain(x.group) + "\n";
    group = x.group;
    auto text = x.help;
    for (const auto& note : {x.range, x.fallback.empty() ? std::string{} : "Default: " + x.fallback,
                             x.repeated && !x.names.empty() ? std::string{"May be repeated"} : std::string{}})
      if (!note.empty())
        text += ". " + note;
    if (!x.words.empty()) {
      std::string words;
      for (const auto& word : x.words)
        words += (words.empty() ? "" : ", ") + word;
      text += ". One of: " + words;
    }
    out += entry(usage_of(x), text + ".");
  }
  return out + exit_status() + ".SH SEE ALSO\n.BR sluice (1)\n";
}

std::string man_page(const std::vector<command_doc>& commands, std::string_view version) {
  auto out = head("sluice", version, "read rate-limited HTTP APIs as an Airbyte source");
  out += ".SH SYNOPSIS\n.B sluice\nCOMMAND [OPTIONS]\n.SH DESCRIPTION\n" + plain(program_summary())
         + "\nA connector is a manifest in Airbyte\\(aqs low-code language; SurveyMonkey is built in.\n.SH COMMANDS\n";
  for (const auto& c : commands)
    out += entry(c.name, c.help + ". See " + dashed(c.name) + "(1).");
  return out + exit_status();
}

} // namespace sluice::cli
