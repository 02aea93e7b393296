#include "actors/core/records/record_view.hpp"

#include "messages/text/json_scan.hpp"
#include "tests/support/catch2.hpp"

#include <memory>
#include <string>
#include <vector>

#include <rapidcheck.h>

using namespace sluice;

namespace {

std::shared_ptr<language::memory_budget> budget() {
  return std::make_shared<language::memory_budget>(1 << 20);
}

} // namespace

TEST_CASE("a record in a page and one of its text are the same") {
  const std::string record = R"({ "a" : 1.10 , "b":{"c":[1, 2]} , "a":"x\"" })";
  std::string body = "[" + record + "]";
  page_index page;
  REQUIRE_FALSE(page.read(body));
  record_view view{budget()};
  auto look = [&] {
    CHECK(view.text() == record);
    CHECK(view.size() == record.size());
    CHECK(view.field("a") == R"("x\"")"); // the last one counts
    CHECK(view.field("d").empty());
    CHECK(view.find({"b", "c", "1"}) == "2");
    CHECK(view.find({"b", "x"}).empty());
    CHECK(view.find({}) == record);
  };
  view.begin(page, 1);
  look();
  view.begin(record);
  look();
}

TEST_CASE("changes leave all other bytes") {
  record_view view{budget()};
  view.begin(R"({ "a" : 1.10e0 , "b" : 2, "c" : "\u0061" , "d":[ 1 ,2 ] })");
  view.remove("a");
  view.set("c", "[]");
  view.set("new\"", "7");
  view.set("gone", "8");
  view.remove("gone");
  view.remove("never");
  CHECK(view.text() == R"({"b" : 2, "c" : [] , "d":[ 1 ,2 ],"new\"":7 })");
  CHECK(view.field("new\"") == "7");
  view.set("a", "0");
  CHECK(view.text() == R"({"b" : 2, "c" : [] , "d":[ 1 ,2 ],"new\"":7,"a":0 })");
  view.replace(R"({"z":1})");
  view.set("z", "2");
  CHECK(view.text() == R"({"z":2})");
  view.remove("z");
  CHECK(view.text() == "{}");
  view.set("y", "3");
  CHECK(view.text() == R"({"y":3})");
  view.begin(R"({"b":1})");
  CHECK(view.text() == R"({"b":1})");
}

TEST_CASE("any changes give what a dict would") {
  CHECK(rc::check("as a list of fields", [] {
    record_view view{budget()};
    view.begin(R"({"k0": 0 ,"k1":1,  "k2":2})");
    std::vector<std::pair<std::string, std::string>> model{{"k0", "0"}, {"k1", "1"}, {"k2", "2"}};
    for (int i = *rc::gen::inRange(0, 12); i > 0; --i) {
      const auto key = "k" + std::to_string(*rc::gen::inRange(0, 5));
      auto known = std::find_if(model.begin(), model.end(), [&](const auto& x) { return x.first == key; });
      if (*rc::gen::inRange(0, 3) == 0) {
        view.remove(key);
        if (known != model.end())
          model.erase(known);
        continue;
      }
      const auto value = std::to_string(*rc::gen::inRange(0, 100000));
      view.set(key, value);
      if (known != model.end())
        known->second = value;
      else
        model.emplace_back(key, value);
    }
    std::vector<std::pair<std::string, std::string>> found;
    const std::string text{view.text()};
    const auto* end = text.data() + text.size();
    json::each_field(text.data(), end, [&](std::string_view key, const char* at) {
      const auto* behind = json::skip_value(at, end);
      found.emplace_back(key, json::view(at, behind));
      return behind;
    });
    RC_ASSERT(found == model);
    RC_ASSERT(text.size() <= view.size());
    RC_ASSERT(language::parse_json(text).has_value());
  }));
}

TEST_CASE("templates have one record that becomes the next") {
  record_view view{budget()};
  view.begin(R"({"a":"first","o":{"x":1}})");
  auto record = view.for_templates();
  REQUIRE(record);
  CHECK_FALSE(view.for_templates());
  CHECK(*record->find("a")->as_string() == "first");
  CHECK(*record->find("o")->find("x")->as_int() == 1);
  CHECK(record->find("b") == nullptr);
  view.set("a", "\"changed\"");
  view.set("b", "2");
  CHECK_FALSE(view.for_templates());
  CHECK(*record->find("a")->as_string() == "changed");
  CHECK(*record->find("b")->as_int() == 2);
  view.begin(R"({"b":7})");
  CHECK_FALSE(view.for_templates());
  CHECK(record->find("a") == nullptr);
  CHECK(*record->find("b")->as_int() == 7);
}

TEST_CASE("a record that was decoded as a whole is another one once it changes") {
  record_view view{budget()};
  view.begin(R"({"a":1})");
  auto record = view.for_templates();
  CHECK(record->size() == 1);
  CHECK_FALSE(view.for_templates());
  view.set("b", "2");
  record = view.for_templates();
  REQUIRE(record);
  CHECK(record->size() == 2);
  CHECK(language::to_json(*record) == R"({"a":1,"b":2})");
  view.begin(R"({})");
  record = view.for_templates();
  REQUIRE(record);
  CHECK(record->size() == 0);
  CHECK_FALSE(language::truthy(*record));
}

TEST_CASE("what templates read of a record is bounded") {
  auto small = std::make_shared<language::memory_budget>(150);
  record_view view{small};
  view.begin(R"({"a":1,"b":2,"c":3})");
  auto record = view.for_templates();
  CHECK(record->find("a") != nullptr);
  CHECK(record->find("b") == nullptr);
  CHECK(small->refused());
}
