#include "app/cli/shell_completions.hpp"

#include <algorithm>
#include <string_view>

namespace sluice::cli {

namespace {

/// Text between single quotes in every one of the shells.
std::string shell_quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text)
    result += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return result + "'";
}

bool takes_file(const option_doc& x) {
  return x.value == "FILE" || x.value == "PATH" || x.value == "OUT" || x.value == "FOLDER";
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string result;
  for (const auto& part : parts)
    result += (result.empty() ? "" : std::string{separator}) + part;
  return result;
}

/// Shown options with names.
std::vector<const option_doc*> flags_of(const command_doc& c) {
  std::vector<const option_doc*> result;
  for (const auto& x : c.options)
    if (!x.group.empty() && !x.names.empty())
      result.push_back(&x);
  return result;
}

std::vector<std::string> first_words(const std::vector<command_doc>& commands) {
  std::vector<std::string> result;
  for (const auto& c : commands) {
    auto word = c.name.substr(0, c.name.find(' '));
    if (std::find(result.begin(), result.end(), word) == result.end())
      result.push_back(std::move(word));
  }
  return result;
}

/// Words that follow on a first one: `show`, `merge`, `reset` on `state`.
std::vector<std::string> second_words(const std::vector<command_doc>& commands, const std::string& first) {
  if (first == "help")
    return first_words(commands);
  if (first == "completions")
    return {"bash", "zsh", "fish"};
  std::vector<std::string> result;
  for (const auto& c : commands)
    if (c.name.starts_with(first + " "))
      result.push_back(c.name.substr(first.size() + 1));
  return result;
}

} // namespace

std::string bash_completion(const std::vector<command_doc>& commands) {
  std::string out = "# bash completion for sluice; made by: sluice completions bash\n"
                    "_sluice() {\n"
                    "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}\n"
                    "  COMPREPLY=()\n"
                    "  if ((COMP_CWORD == 1)); then\n"
                    "    mapfile -t COMPREPLY < <(compgen -W "
                    + shell_quoted(joined(first_words(commands), " ") + " --help --version") + " -- \"$cur\")\n"
                    + "    return\n  fi\n  case $command in\n";
  for (const auto& word : first_words(commands))
    if (auto below = second_words(commands, word); !below.empty())
      out += "    " + word
             + ")\n      if ((COMP_CWORD == 2)) && [[ $cur != -* ]]; then\n        mapfile -t COMPREPLY < <(compgen -W "
             + shell_quoted(joined(below, " ")) + " -- \"$cur\")\n        return\n      fi\n"
             + "      [[ ${COMP_WORDS[2]} == -* ]] || command=\"$command ${COMP_WORDS[2]}\" ;;\n";
  out += "  esac\n  case \"$command $prev\" in\n";
  for (const auto& c : commands)
    for (const auto* x : flags_of(c)) {
      std::vector<std::string> patterns;
      for (const auto& name : x->names)
        patterns.push_back(shell_quoted(c.name + " " + name));
      if (!x->words.empty())
        out += "    " + joined(patterns, "|") + ") mapfile -t COMPREPLY < <(compgen -W "
               + shell_quoted(joined(x->words, " ")) + " -- \"$cur\"); return ;;\n";
      else if (takes_file(*x))
        out += "    " + joined(patterns, "|") + ") mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return ;;\n";
      else if (!x->value.empty())
        out += "    " + joined(patterns, "|") + ") return ;;\n";
    }
  out += "  esac\n  if [[ $cur != -* ]]; then\n    mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n    return\n  fi\n"
         "  case $command in\n";
  for (const auto& c : commands) {
    std::vector<std::string> names;
    for (const auto* x : flags_of(c))
      names.insert(names.end(), x->names.begin(), x->names.end());
    names.emplace_back("--help");
    out += "    " + shell_quoted(c.name) + ") mapfile -t COMPREPLY < <(compgen -W " + shell_quoted(joined(names, " "))
           + " -- \"$cur\") ;;\n";
  }
  return out + "  esac\n}\ncomplete -o filenames -F _sluice sluice\n";
}

std::string zsh_completion(const std::vector<command_doc>& commands) {
  // In a specification a colon and brackets have a meaning.
  auto escaped = [](const std::string& text) {
    std::string result;
    for (const char c : text) {
      if (c == ':' || c == '[' || c == ']' || c == '\\')
        result += '\\';
      result += c;
    }
    return result;
  };
  auto described
    = [&](const std::string& name, const std::string& help) { return shell_quoted(escaped(name) + ":" + help); };
  std::string out = "#compdef sluice\n# zsh completion for sluice; made by: sluice completions zsh\n_sluice() {\n"
                    "  local -a commands arguments\n  local command=$words[2]\n  commands=(\n";
  for (const auto& word : first_words(commands)) {
    const auto same = std::find_if(commands.begin(), commands.end(), [&word](const auto& c) { return c.name == word; });
    const auto below = joined(second_words(commands, word), ", ");
    out += "    " + described(word, same == commands.end() ? below : same->help) + "\n";
  }
  out += "  )\n  if ((CURRENT == 2)); then\n    _describe command commands\n    return\n  fi\n  case $command in\n";
  for (const auto& word : first_words(commands))
    if (auto below = second_words(commands, word); !below.empty()) {
      out += "    " + word + ")\n      if ((CURRENT == 3)) && [[ $words[3] != -* ]]; then\n        commands=(";
      for (const auto& x : below)
        out += " " + shell_quoted(x);
      out += " )\n        _describe command commands\n        return\n      fi\n      [[ $words[3] == -* ]] || "
             "command=\"$command $words[3]\" "
             ";;\n";
    }
  out += "  esac\n  case $command in\n";
  for (const auto& c : commands) {
    out += "    " + shell_quoted(c.name) + ")\n      arguments=(\n";
    for (const auto* x : flags_of(c))
      for (const auto& name : x->names) {
        auto spec = (x->repeated ? "*" : "") + name + "[" + escaped(x->help) + "]";
        if (!x->words.empty())
          spec += ":" + escaped(x->names.front()) + ":(" + joined(x->words, " ") + ")";
        else if (takes_file(*x))
          spec += ":" + escaped(x->value) + ":_files";
        else if (!x->value.empty())
          spec += ":" + escaped(x->value) + ":";
        out += "        " + shell_quoted(spec) + "\n";
      }
    out += "        '--help[Show the options]'\n        '*:file:_files'\n      ) ;;\n";
  }
  // Loaded by its name the file is the function's body for the first time; sourced it only says what there is.
  return out + "  esac\n  _arguments $arguments\n}\ncompdef _sluice sluice\n"
         + "[[ $funcstack[1] = _sluice ]] && _sluice \"$@\"\n";
}

std::string fish_completion(const std::vector<command_doc>& commands) {
  // fish knows a backslash within single quotes.
  auto text = [](std::string_view x) {
    std::string result = "'";
    for (const char c : x) {
      if (c == '\'' || c == '\\')
        result += '\\';
      result += c;
    }
    return result + "'";
  };
  std::string out = "# fish completion for sluice; made by: sluice completions fish\n"
                    "function __sluice_is\n"
                    "  set -l words (commandline -opc)\n"
                    "  set -l last (math 1 + (count $argv))\n"
                    "  test (count $words) -ge $last\n"
                    "  and test \"$words[2..$last]\" = \"$argv\"\n"
                    "end\n"
                    "complete -c sluice -n 'test (count (commandline -opc)) -eq 1' -f\n";
  for (const auto& word : first_words(commands)) {
    const auto same = std::find_if(commands.begin(), commands.end(), [&word](const auto& c) { return c.name == word; });
    const auto below = second_words(commands, word);
    out += "complete -c sluice -n 'test (count (commandline -opc)) -eq 1' -a " + word + " -d "
           + text(same == commands.end() ? joined(below, ", ") : same->help) + "\n";
    for (const auto& x : below)
      out += "complete -c sluice -n '__sluice_is " + word + "; and test (count (commandline -opc)) -eq 2' -f -a " + x
             + "\n";
  }
  for (const auto& c : commands)
    for (const auto* x : flags_of(c))
      for (const auto& name : x->names) {
        out += "complete -c sluice -n '__sluice_is " + c.name + "' -l " + name.substr(name.find_first_not_of('-'));
        if (!x->words.empty())
          out += " -x -a " + text(joined(x->words, " "));
        else if (takes_file(*x))
          out += " -r -F";
        else if (!x->value.empty())
          out += " -x";
        out += " -d " + text(x->help) + "\n";
      }
  return out;
}

} // namespace sluice::cli
