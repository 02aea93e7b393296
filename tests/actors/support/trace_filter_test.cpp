#include "actors/support/trace_filter.hpp"
#include "tests/support/catch2.hpp"

#include <string>
#include <vector>

using namespace sluice;

namespace {

const trace_subject subject{"page_outcome", "fetcher", 23,
                            "governor",     8,         "surveys 2023-01-01T00:00:00Z..2023-12-31T23:59:59Z"};

bool shows(const std::string& text, const trace_subject& x = subject) {
  auto filter = trace_filter::parse(text);
  REQUIRE(filter);
  return filter->shows(x);
}

} // namespace

TEST_CASE("a trace filter without terms shows everything") {
  CHECK(trace_filter{}.shows(subject));
  CHECK(shows(""));
  CHECK(shows("   "));
}

TEST_CASE("each term of a trace filter must hold") {
  struct example {
    std::string text;
    bool shown;
  };
  for (const auto& [text, shown] : std::vector<example>{
         {"actor=fetcher", true},
         {"actor=governor", true},
         {"actor=fetch*", true},
         {"actor=fetch", false},
         {"actor=fetcher#23", true},
         {"actor=fetcher#2", false},
         {"actor=fetcher#2*", true},
         {"actor=emitter", false},
         {"from=fetcher", true},
         {"to=fetcher", false},
         {"to=governor", true},
         {"message=page_outcome", true},
         {"message=page", true},
         {"message=outcome", true},
         {"message=pag", false},
         {"message=page*", true},
         {"message=permit,page", true},
         {"message=permit,record_batch", false},
         {"message=?age_outcome", true},
         {"slice=2023-01", true},
         {"slice=surveys/2023*", true},
         {"slice=surveys?2023*", true},
         {"slice=surveys/2024*", false},
         {"slice=2023*", false},
         {"slice=*2023*", true},
         {"actor=fetcher* message=page slice=surveys/2023*", true},
         {"actor=fetcher* message=permit slice=surveys/2023*", false},
       }) {
    INFO(text);
    CHECK(shows(text) == shown);
  }
}

TEST_CASE("messages without slice or sender match no pattern for one") {
  trace_subject x{"tick", "", 0, "governor", 8, ""};
  CHECK_FALSE(shows("slice=*", x));
  CHECK_FALSE(shows("from=fetcher", x));
  CHECK(shows("to=governor", x));
}

TEST_CASE("a long pattern of stars takes no exponential time") {
  trace_subject x = subject;
  std::string slice(5000, 'a');
  x.slice = slice;
  CHECK_FALSE(shows("slice=" + std::string(40, '*') + "a*a*a*a*a*a*a*a*b", x));
}

TEST_CASE("a wrong trace filter says what is wrong") {
  for (const auto* text : {"fetcher", "colour=red", "=x", "message="}) {
    auto filter = trace_filter::parse(text);
    INFO(text);
    REQUIRE_FALSE(filter);
    CHECK(filter.error().message.find(text) != std::string::npos);
  }
  CHECK(trace_filter::parse("colour=red").error().message.find("actor, from, to, message, slice") != std::string::npos);
}

TEST_CASE("a trace limit is a number, or a number a second") {
  CHECK(trace_limit::parse("100")->messages == 100);
  CHECK_FALSE(trace_limit::parse("100")->per_second);
  CHECK(trace_limit::parse("10/s")->messages == 10);
  CHECK(trace_limit::parse("10/s")->per_second);
  CHECK(trace_limit::parse("10/s")->text() == "10 messages a second");
  for (const auto* text : {"", "0", "-1", "ten", "10/m", "/s", "10 ", "1e3", "99999999999999999999"}) {
    INFO(text);
    CHECK_FALSE(trace_limit::parse(text));
  }
}
