// What templates give is what the reference gave: recorded/*.jsonl, made by recorded/record.py.
#include "config/language/template.hpp"
#include "tests/config/language/template_support.hpp"
#include "tests/support/places.hpp"

#include <fstream>
#include <iterator>

using namespace sluice;
using namespace sluice::language;
using namespace sluice::language::test;

namespace {

std::string read(const std::string& name) {
  std::ifstream in{sluice::test::source_directory() + "/tests/config/language/recorded/" + name};
  return {std::istreambuf_iterator<char>{in}, {}};
}

struct variables {
  variables() : all(json(read("variables.json"))) {
    for (auto& [name, x] : *all.as_dict()) {
      names.push_back(name);
      given.set(name, x);
    }
    given.set_now(fixed_now);
  }

  value all;
  std::vector<std::string> names;
  scope given;
};

/// Undefined and empty are none to the reference.
value as_recorded(value x) {
  return x.as_string() != nullptr && x.as_string()->empty() ? value{} : x;
}

void check_value(const value& line, const expected<text_template>& t, const variables& v) {
  if (!t) {
    INFO(t.error().message);
    CHECK(line.find("error") != nullptr);
    return;
  }
  auto x = t->evaluate(v.given);
  auto* error = line.find("error");
  if (error != nullptr) {
    CHECK_FALSE(x.has_value());
    return;
  }
  auto* wanted = line.find("value");
  INFO("wanted " << to_json(*wanted));
  // Where the reference evaluates a template's default, the use of something undefined is an error here.
  if (!x && wanted->is_none()) {
    CHECK((contains(x.error().message, "undefined") || contains(x.error().message, "has no method")));
    return;
  }
  INFO((x ? to_json(*x) : x.error().message));
  REQUIRE(x.has_value());
  CHECK(to_json(as_recorded(*x)) == to_json(as_recorded(*wanted)));
}

void check_condition(const value& line, const std::string& source, const variables& v) {
  auto c = condition::parse(source, v.names);
  auto* wanted = line.find("holds");
  auto holds = c ? c->evaluate(v.given) : expected<bool>{tl::unexpected(c.error())};
  CHECK(holds.has_value() == (wanted != nullptr));
  if (holds && wanted != nullptr)
    CHECK(*holds == *wanted->as_bool());
}

} // namespace

TEST_CASE("templates give what the reference gives") {
  auto* name = GENERATE("statements.jsonl", "sequences.jsonl", "texts.jsonl", "values.jsonl");
  CAPTURE(name);
  variables v;
  std::ifstream in{sluice::test::source_directory() + "/tests/config/language/recorded/" + name};
  std::size_t count = 0;
  for (std::string text; std::getline(in, text); ++count) {
    auto line = json(text);
    auto source = *line.find("template")->as_string();
    CAPTURE(source);
    check_value(line, text_template::parse(source, v.names), v);
    check_condition(line, source, v);
  }
  CHECK(count > 50);
}
