#include "app/cli/help_text.hpp"

#include "app/text/lines.hpp"

#include <algorithm>
#include <utility>

namespace sluice::cli {

namespace {

constexpr std::size_t indent = 2;
/// Where explanations begin; a longer name has its line for itself.
constexpr std::size_t margin = 26;
/// Explanations are not broken into narrower lines than this.
constexpr std::size_t least_text = 30;

std::string padded(std::string text, std::size_t columns) {
  text.resize(std::max(columns, text.size()), ' ');
  return text;
}

/// `name  text`, the text in lines below each other.
void add_entry(std::string& out, const std::string& name, const std::string& text, std::size_t at,
               std::size_t columns) {
  auto head = std::string(indent, ' ') + name;
  const auto width = std::max(least_text, columns - std::min(columns, at));
  for (const auto& line : wrap(text, width)) {
    if (head.size() + 2 > at) {
      out += head + "\n";
      head.clear();
    }
    out += padded(head, at) + line + "\n";
    head.clear();
  }
  if (!head.empty())
    out += head + "\n";
}

void add_paragraph(std::string& out, const std::string& text, std::size_t columns) {
  for (const auto& line : wrap(text, columns))
    out += line + "\n";
}

std::string sentence_of(const option_doc& x) {
  std::string notes;
  auto add = [&notes](const std::string& note) { notes += (notes.empty() ? "" : "; ") + note; };
  if (x.required && !x.names.empty())
    add("required");
  if (!x.range.empty())
    add(x.range);
  if (!x.fallback.empty())
    add("default: " + x.fallback);
  if (x.repeated && !x.names.empty())
    add("may be repeated");
  return notes.empty() ? x.help : x.help + " (" + notes + ")";
}

/// Long lists of words may be broken behind their bars.
std::string breakable(const option_doc& x) {
  if (x.words.empty())
    return x.value;
  std::string joined;
  for (const auto& word : x.words)
    joined += (joined.empty() ? "" : "|") + word;
  return joined.size() + indent + 20 > margin * 2 ? "WORD" : joined;
}

std::string usage_line(const command_doc& command) {
  std::string text = "sluice " + command.name;
  for (const auto& x : command.options)
    if (x.required && !x.names.empty())
      text += " " + usage_of(x);
  text += " [OPTIONS]";
  for (const auto& x : command.options)
    if (x.names.empty())
      text += " " + (x.required ? usage_of(x) : "[" + usage_of(x) + "]");
  return text;
}

void add_group(std::string& out, const command_doc& command, const std::string& title, std::size_t columns) {
  out += "\n" + title + ":\n";
  for (const auto& x : command.options) {
    if (x.group != title)
      continue;
    auto text = sentence_of(x);
    if (!x.words.empty() && breakable(x) == "WORD") {
      std::string words;
      for (const auto& word : x.words)
        words += (words.empty() ? "" : ", ") + word;
      text += ": " + words;
    }
    add_entry(out, usage_of(x), text, margin, columns);
  }
}

std::vector<std::string> groups_of(const command_doc& command) {
  std::vector<std::string> groups;
  for (const auto& x : command.options)
    if (!x.group.empty() && std::find(groups.begin(), groups.end(), x.group) == groups.end())
      groups.push_back(x.group);
  return groups;
}

} // namespace

std::string usage_of(const option_doc& x) {
  std::string text;
  for (const auto& name : x.names)
    text += (text.empty() ? "" : ", ") + name;
  if (const auto value = breakable(x); !value.empty())
    text += (text.empty() ? "" : " ") + value;
  return x.names.empty() && x.repeated ? text + "..." : text;
}

const std::vector<exit_code_doc>& exit_codes() {
  static const std::vector<exit_code_doc> codes{
    {"0", "done"},
    {"1", "failed: a stream did not sync, or the run could not begin"},
    {"2", "wrong arguments"},
    {"3", "stopped early with resumable state: a quota or a bound ran out"},
    {"4", "stood still: a fault of the program, reported on stderr"},
    {"130, 143", "interrupted, after a clean drain"},
  };
  return codes;
}

std::string program_summary() {
  return "Sluice reads rate-limited HTTP APIs and prints Airbyte protocol messages.";
}

std::string help_text(const command_doc& command, std::size_t columns) {
  std::string out;
  auto first = true;
  for (const auto& line : wrap(usage_line(command), columns - 7)) {
    out += (first ? "Usage: " : "       ") + line + "\n";
    first = false;
  }
  out += "\n";
  add_paragraph(out, command.help + ".", columns);
  for (const auto& title : groups_of(command))
    add_group(out, command, title, columns);
  return out;
}

std::string program_help(const std::vector<command_doc>& commands, std::size_t columns) {
  constexpr std::size_t command_margin = 18;
  std::string out = "Usage: sluice COMMAND [OPTIONS]\n\n";
  add_paragraph(out, program_summary(), columns);
  out += "\nTry it:        sluice demo\n"
         "Read streams:  sluice read --config config.json --stream surveys\n"
         "Help:          sluice help COMMAND\n"
         "\nCommands:\n";
  for (const auto& c : commands)
    add_entry(out, c.name, c.help, command_margin, columns);
  out += "\nOptions:\n";
  add_entry(out, "-h, --help", "Show this, or the options of a command", command_margin, columns);
  add_entry(out, "--version", "Show the version", command_margin, columns);
  out += "\nExit codes:\n";
  for (const auto& x : exit_codes())
    add_entry(out, x.code, x.meaning, command_margin, columns);
  return out;
}

} // namespace sluice::cli
