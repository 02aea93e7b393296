#include "app/cli/declare.hpp"
#include "app/cli/groups.hpp"

namespace sluice {

const std::vector<std::pair<std::string, new_auth>>& new_auth_words() {
  static const std::vector<std::pair<std::string, new_auth>> words{
    {"none", new_auth::none}, {"bearer", new_auth::bearer}, {"api-key", new_auth::api_key}, {"basic", new_auth::basic}};
  return words;
}

const std::vector<std::pair<std::string, new_paging>>& new_paging_words() {
  static const std::vector<std::pair<std::string, new_paging>> words{{"none", new_paging::none},
                                                                     {"page", new_paging::page},
                                                                     {"offset", new_paging::offset},
                                                                     {"cursor", new_paging::cursor},
                                                                     {"link", new_paging::link}};
  return words;
}

namespace cli {

void declare_new(options& to, command_line& cl) {
  auto& o = cl.fresh;
  auto& a = o.answers;
  to.group("The API");
  to.text("--base-url", a.base_url,
          "Where it is, https://api.example.com; left out on a terminal, all of this is asked for", "URL")
    .fallback("that of sluice simulate --port 8080");
  to.choice("--auth", a.auth, new_auth_words(), "How requests are authorised").fallback("bearer");
  to.text("--list-path", a.path, "Path of a list", "PATH").fallback(simulator_path);
  auto records = [&o](const std::string& field) {
    o.answers.records = field;
    o.records_given = true;
    return std::string{};
  };
  to.parsed("--records", "FIELD", records, "Field of the answer that holds the list")
    .fallback("the answer is the list");
  to.choice("--paging", a.paging, new_paging_words(), "How a list goes on").fallback("page");
  to.group("The stream");
  to.text("--stream", a.stream, "Its name", "NAME").fallback("the last part of the path");
  to.text("--key", a.key, "Its primary key; empty: none", "FIELD").fallback(a.key);
  to.group("Output");
  to.path("--folder", o.folder, "Where the files go", "FOLDER").fallback("here");
  to.flag("--force", o.force, "Replace files that are there");
  add_common(to, cl);
}

} // namespace cli

} // namespace sluice
