#include "config/language/template.hpp"
#include "config/language/value.hpp"
#include "tests/config/language/template_support.hpp"
#include "tests/support/catch2.hpp"

#include <memory>
#include <string>

#include <rapidcheck.h>

using namespace sluice::language;

namespace {

constexpr std::size_t plenty = 64 << 20;

struct document {
  std::string text;
  std::shared_ptr<memory_budget> budget;
  value root;

  explicit document(std::string json, std::size_t bytes = plenty)
    : text(std::move(json)), budget(std::make_shared<memory_budget>(bytes)), root(json_in_place(text, budget)) {}

  scope variables() const {
    scope s;
    s.set("response", root);
    return s;
  }
  std::string render(const std::string& source) const {
    auto t = text_template::parse(source, {"response"});
    REQUIRE(t);
    auto text_of = t->render(variables());
    INFO(source << ": " << (text_of ? "" : text_of.error().message));
    REQUIRE(text_of);
    return *text_of;
  }
};

std::string repeated(const std::string& item, std::size_t count, const std::string& open = "[",
                     const std::string& close = "]") {
  std::string text = open;
  for (std::size_t i = 0; i < count; ++i)
    text += (i > 0 ? "," : "") + item;
  return text + close;
}

std::string random_json(int depth) {
  switch (*rc::gen::inRange(0, depth > 0 ? 8 : 5)) {
    case 0:
      return *rc::gen::element<std::string>("null", "true", "false", "0", "-0.0", "1e-400", "12345678901234567890", "7",
                                            "1.50");
    case 1:
      return *rc::gen::element<std::string>(R"("")", R"("a")", R"("\u00e9\ud83d\ude00\ud800\n\"")", R"("[{]},:")",
                                            R"("a text that is longer than a short one")");
    case 2:
      return std::to_string(*rc::gen::arbitrary<int>());
    case 3:
      return *rc::gen::element<std::string>("[]", "{}", "[ ]", "{ }");
    case 4:
      return *rc::gen::element<std::string>("[1, 2]", R"({"a":1,"a":2,"\u0061":3})");
    case 5:
    case 6: {
      std::string text = "[";
      for (int i = *rc::gen::inRange(0, 4); i > 0; --i)
        text += random_json(depth - 1) + (i > 1 ? " , " : "");
      return text + "]";
    }
    default: {
      std::string text = "{";
      // Few keys, so that some are equal; sometimes more than are searched one by one.
      auto keys = *rc::gen::element(3, 3, 3, 40);
      for (int i = keys; i > 0; --i)
        text += "\"k" + std::to_string(*rc::gen::inRange(0, keys)) + "\" : " + random_json(keys > 3 ? 0 : depth - 1)
                + (i > 1 ? "," : "");
      return text + "}";
    }
  }
}

} // namespace

TEST_CASE("JSON that is decoded in place is what parsing gives") {
  CHECK(rc::check("documents", [] {
    auto text = random_json(4);
    auto parsed = parse_json(text);
    RC_ASSERT(parsed.has_value());
    document d{text};
    RC_ASSERT(d.root.size() == parsed->size());
    RC_ASSERT(truthy(d.root) == truthy(*parsed));
    RC_ASSERT(d.root.is_list() == parsed->is_list());
    RC_ASSERT(d.root.is_dict() == parsed->is_dict());
    for (const auto* key : {"k0", "k1", "a", "none"}) {
      const auto* found = d.root.find(key);
      const auto* expected = parsed->find(key);
      RC_ASSERT((found == nullptr) == (expected == nullptr));
      RC_ASSERT((found == nullptr || to_json(*found) == to_json(*expected)));
    }
    RC_ASSERT(to_json(d.root) == to_json(*parsed));
    RC_ASSERT(to_text(d.root) == to_text(*parsed));
    RC_ASSERT(d.root == *parsed);
    RC_ASSERT(*parsed == d.root);
    RC_ASSERT(!d.budget->refused());
  }));
}

TEST_CASE("templates see the same in a document that is decoded in place") {
  const std::string text
    = R"({"next":"n","data":[{"id":1},{"id":[2,3]}],"links":{"next":null,"get":"g"},"empty":[],"none":{},"n":4})";
  auto source = GENERATE(values<std::string>({
    "{{ response.next }}",
    "{{ response.data | length }}",
    "{{ response.data[-1].id[0] }}",
    "{{ response['data'][0]['id'] }}",
    "{{ response.data | first }}",
    "{{ response.get('links', {}).get('next') }}",
    "{{ response.links['get'] }}",
    "{{ 'data' in response and 'x' not in response }}",
    "{{ response.data == [] }}{{ response.empty == [] }}{{ response.none == {} }}",
    "{{ not response.data }}{{ not response.empty }}{{ not response.none }}",
    "{{ response.links is mapping }}{{ response.data is sequence }}{{ response.data is iterable }}",
    "{{ response.data[:1] }}",
    "{{ response.keys() | join(',') }}",
    "{{ response.links.items() | list }}",
    "{{ response | string }}",
    "{{ response.data }}",
    "{{ response.absent }}",
    "{{ response.data + response.empty }}",
    "{{ {'id': 1} in response.data }}",
    "{{ response.n + 1 }}",
  }));
  document d{text};
  scope plain;
  plain.set("response", *parse_json(text));
  auto t = text_template::parse(source, {"response"});
  REQUIRE(t);
  INFO(source);
  CHECK(d.render(source) == t->render(plain).value());
}

TEST_CASE("only what a template reads is decoded") {
  const auto data = repeated(R"({"id":[0,0,0,0]})", 10'000);
  document d{R"({"data":)" + data + R"(,"error":)" + repeated("0", 100'000)
             + R"(,"links":{"next":"https://h/?page=2"}})"};
  const std::size_t little = 4096;
  CHECK(d.render("{{ response.links.next }}") == "https://h/?page=2");
  CHECK(d.render("{{ 'error' in response }}{{ not response.error }}") == "TrueFalse");
  CHECK(d.render("{{ response.data | length }}{{ response.data == [] }}") == "10000False");
  CHECK(d.budget->taken() < little);
  auto text = text_template::parse("{{ 'x' ~ response.error }}", {"response"});
  document zeros{"{\"error\":" + repeated("0", 2'000'000) + "}"};
  CHECK_FALSE(text->render(zeros.variables())); // longer than a text may be
  CHECK(zeros.budget->taken() < little);
  // Of a list, its elements, but not theirs.
  CHECK(d.render("{{ response.data[-1].id | length }}") == "4");
  CHECK(d.budget->taken() < 10'000 * 150);
}

TEST_CASE("what would take more memory than there is, is refused before it is there") {
  auto text = GENERATE(values<std::string>({
    repeated("0", 200'000),
    repeated("{}", 200'000),
    repeated("[0]", 100'000),
    repeated(R"({"i":1})", 100'000),
    repeated("\"\\u0041\\u0041\\u0041\"", 100'000),
    "\"" + std::string(4'000'000, 'x') + "\"",
    std::string(4'000'000, '1'),
    repeated(R"("":0)", 200'000, "{", "}"),
  }));
  constexpr std::size_t bytes = 1 << 20;
  document d{"{\"x\":" + text + ",\"y\":1}", bytes};
  auto whole = text_template::parse("{{ response.x }}", {"response"});
  REQUIRE(whole);
  (void)whole->render(d.variables());
  CHECK(d.budget->refused());
  CHECK(d.budget->taken() <= bytes);
  CHECK(d.root.find("y") == nullptr); // nothing is decoded any more
  SECTION("and a larger budget does") {
    document e{d.text, 256 << 20};
    (void)whole->evaluate(e.variables());
    CHECK_FALSE(e.budget->refused());
  }
}

TEST_CASE("numbers that no double can hold are infinite, as in Python") {
  document d{R"({"x":1e400,"y":-1e400})"};
  CHECK(d.render("{{ response.x }} {{ response.y }}") == "inf -inf");
}

TEST_CASE("nesting as deep as pages may have is read and compared") {
  auto deep = std::string(1000, '[') + std::string(1000, ']');
  document d{"{\"x\":" + deep + "}"};
  CHECK(to_json(d.root) == "{\"x\":" + deep + "}");
  CHECK(d.root == document{"{\"x\":" + deep + "}"}.root);
}
