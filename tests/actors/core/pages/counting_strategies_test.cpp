// Paginators that count: what they ask for next, from the records that a page has.
#include "actors/core/pages/pagination.hpp"
#include "tests/actors/core/records/page_fixture.hpp"

#include <optional>
#include <string>

using namespace sluice;
using namespace sluice::test;

namespace {

struct counting_fixture : page_fixture {
  header_list headers;

  /// The token after a page that was asked for with `token` and has so many records, of which steps left `kept`.
  std::optional<std::string> next(const std::string& token, std::uint64_t extracted, std::uint64_t kept) {
    language::value response{language::value_dict{}};
    auto result
      = next_page_token(*the_plan, endpoint(), slice, {response, headers, {}, kept, extracted, token, "https://h/x"});
    INFO((result ? "" : result.error().message));
    REQUIRE(result);
    return *result;
  }
  std::optional<std::string> next(const std::string& token, std::uint64_t extracted) {
    return next(token, extracted, extracted);
  }
};

} // namespace

TEST_CASE("pages are numbered on from the one that was asked for") {
  counting_fixture f;
  f.endpoint().pages.strategy = page_increment{2, 0};
  CHECK(f.next("", 2) == "1");
  CHECK(f.next("1", 2) == "2");
  CHECK(f.next("9", 2) == "10");
  f.endpoint().pages.strategy = page_increment{2, 1};
  CHECK(f.next("", 2) == "2");
  f.endpoint().pages.strategy = page_increment{2, -1};
  CHECK(f.next("", 2) == "0");
  CHECK(f.next("0", 2) == "1");
}

TEST_CASE("a first page that is asked for with its number is counted like one that is not") {
  counting_fixture f;
  f.endpoint().pages.strategy = page_increment{2, 5};
  f.endpoint().pages.first_token = "5";
  CHECK(f.next("", 2) == "6");
  CHECK(f.next("6", 2) == "7");
}

TEST_CASE("numbered pages end with one that is not full, or has no records") {
  counting_fixture f;
  f.endpoint().pages.strategy = page_increment{2, 0};
  CHECK_FALSE(f.next("3", 1));
  CHECK_FALSE(f.next("3", 0));
  CHECK(f.next("3", 3) == "4");
  f.endpoint().pages.strategy = page_increment{0, 0};
  CHECK(f.next("3", 1) == "4");
  CHECK_FALSE(f.next("3", 0));
}

TEST_CASE("offsets go on by what a page has, and end with one that is not full") {
  counting_fixture f;
  f.endpoint().pages.strategy = offset_increment{2};
  CHECK(f.next("", 2) == "2");
  CHECK(f.next("2", 2) == "4");
  // A server that gives more than was asked for: nothing is asked for twice.
  CHECK(f.next("4", 5) == "9");
  CHECK_FALSE(f.next("4", 1));
  CHECK_FALSE(f.next("4", 0));
  f.endpoint().pages.first_token = "0";
  CHECK(f.next("", 2) == "2");
  f.endpoint().pages.strategy = offset_increment{0};
  CHECK(f.next("7", 1) == "8");
  CHECK_FALSE(f.next("7", 0));
}

TEST_CASE("offsets count records that a step drops") {
  counting_fixture f;
  f.endpoint().pages.strategy = offset_increment{2};
  CHECK(f.next("2", 2, 0) == "4");
  CHECK_FALSE(f.next("2", 1, 1));
}

TEST_CASE("numbered pages count records that a step drops") {
  counting_fixture f;
  f.endpoint().pages.strategy = page_increment{2, 0};
  CHECK(f.next("1", 2, 0) == "2");
  CHECK_FALSE(f.next("1", 1, 1));
}

TEST_CASE("a page may tell by itself how many records a full one has") {
  counting_fixture f;
  f.endpoint().pages.strategy = offset_increment{0, parse_template("{{ response.limit }}")};
  const auto after = [&f](const char* body, std::uint64_t extracted) {
    const auto response = *language::parse_json(body);
    return next_page_token(*f.the_plan, f.endpoint(), f.slice,
                           {response, f.headers, {}, extracted, extracted, "10", "https://h/x"});
  };
  CHECK(after(R"({"limit":2})", 2).value() == "12");
  CHECK_FALSE(after(R"({"limit":3})", 2).value());
  CHECK(after(R"({"limit":"2"})", 2).value() == "12");
  // Nothing is said: only a page without records is the last, as in the reference.
  CHECK(after("{}", 2).value() == "12");
  CHECK(after(R"({"limit":null})", 2).value() == "12");
  CHECK_FALSE(after("{}", 0).value());
  // Something else is said.
  const auto failed = after(R"({"limit":"many"})", 2);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == errc::bad_page);
}
