#include "tests/support/catch2.hpp"
#include "tests/support/temporary_file.hpp"
#include "tests/support/terminal.hpp"

#include <string>

using namespace sluice::test;

namespace {

bool contains(const std::string& where, const std::string& what) {
  return where.find(what) != std::string::npos;
}

} // namespace

TEST_CASE(
  "on a terminal new asks for what no flag says, and again for words that it does not know; check tells how it went") {
  if (tmux_is_missing()) {
    WARN("tmux is missing");
    return;
  }
  temporary_directory files;
  const auto program = "\"" + sluice_binary() + "\"";
  const auto script
    = files.write("run.sh", "cd \"" + files.path(".") + "\"\n" + program + " new --folder shop\n" + program
                              + " check --manifest shop/manifest.yaml --config shop/config.json\necho over\n");
  terminal t{120, 40, "env LC_ALL=C.UTF-8 sh " + script};
  auto answer = [&t](const std::string& question, const std::string& text) {
    const auto shown = t.wait_for(question);
    INFO(shown);
    REQUIRE(contains(shown, question));
    if (!text.empty())
      t.press(text);
    t.press("Enter");
  };
  answer("Base URL of the API", "http://127.0.0.1:9");
  answer("Authentication (none, bearer, api-key, basic) [bearer]", "none");
  answer("Path of a list [/lists/items]", "/v2/orders");
  answer("Field of the answer that holds the list", "data");
  answer("Paging (none, page, offset, cursor, link) [page]", "sideways");
  answer("'sideways' is not one of", "offset");
  answer("Name of the stream [orders]", "");
  answer("Primary key [id]", "");
  const auto shown = t.wait_for("over");
  INFO(shown);
  CHECK(contains(shown, "Wrote shop/manifest.yaml"));
  CHECK(contains(shown, "The check failed. The API could not be reached"));
}
