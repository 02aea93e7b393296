#include "tests/actors/core/records/page_fixture.hpp"

#include <string>
#include <vector>

#include <rapidcheck.h>

using namespace sluice;
using namespace sluice::test;

namespace {

/// Makes random JSON texts. Strings and numbers are taken from lists of awkward ones, blanks are sprinkled between
/// tokens.
class json_maker {
public:
  explicit json_maker(bool line_breaks) : line_breaks_(line_breaks) {}

  /// Builds the same value twice: as the server might send it, and as it must come out.
  struct pair {
    std::string sent;
    std::string expected;
  };

  pair object(int depth) {
    pair result;
    put(result, "{");
    auto count = *rc::gen::inRange(0, 5);
    for (int i = 0; i < count; ++i) {
      put(result, i == 0 ? "" : ",");
      put(result, string());
      put(result, ":");
      add(result, value(depth));
    }
    put(result, "}", false);
    return result;
  }

  std::string blanks() {
    auto text = *rc::gen::element<std::string>("", "", "", " ", "  ", "\t", "\n", "\r\n  ");
    return line_breaks_ || text.find_first_of("\r\n") == std::string::npos ? text : " ";
  }

private:
  pair value(int depth) {
    switch (*rc::gen::inRange(0, depth > 0 ? 5 : 3)) {
      case 0:
        return same(string());
      case 1:
        return same(
          *rc::gen::element<std::string>("0", "-0.0", "1.10", "123456789012345678901234", "1e400", "-1E-3", "7"));
      case 2:
        return same(*rc::gen::element<std::string>("true", "false", "null", "\"\"", "{}", "[]"));
      case 3:
        return object(depth - 1);
      default:
        return list(depth - 1);
    }
  }

  pair list(int depth) {
    pair result;
    put(result, "[");
    auto count = *rc::gen::inRange(0, 4);
    for (int i = 0; i < count; ++i) {
      put(result, i == 0 ? "" : ",");
      add(result, value(depth));
    }
    put(result, "]", false);
    return result;
  }

  static std::string string() {
    return *rc::gen::element<std::string>(R"("id")", R"("a b")", R"("é")", R"("\u00e9")", R"("\"}],{[")", R"("\\")",
                                          R"("\n")", R"("d\u0061ta")", R"("0123456789abcdef")", R"("0123456\"")",
                                          "\"\xE2\x80\xA8\"");
  }

  static pair same(const std::string& text) { return {text, text}; }

  /// A page with line breaks comes out minified, any other with its blanks.
  void put(pair& into, const std::string& text, bool then_blanks = true) {
    auto space = then_blanks ? blanks() : "";
    into.sent += text + space;
    into.expected += text + (line_breaks_ ? "" : space);
  }
  void add(pair& into, const pair& part) {
    auto space = blanks();
    into.sent += part.sent + space;
    into.expected += part.expected + (line_breaks_ ? "" : space);
  }

  bool line_breaks_;
};

} // namespace

TEST_CASE("records come out of random pages exactly as they were sent") {
  CHECK(rc::check("pages", [] {
    bool line_breaks = *rc::gen::arbitrary<bool>();
    json_maker maker{line_breaks};
    std::vector<std::string> expected;
    std::string page = maker.blanks() + "{" + maker.blanks() + "\"before\":" + maker.object(1).sent
                       + ",\"data\":" + maker.blanks() + "[";
    auto count = *rc::gen::inRange(0, 6);
    for (int i = 0; i < count; ++i) {
      auto record = maker.object(3);
      expected.push_back(record.expected);
      page += (i == 0 ? "" : ",") + maker.blanks() + record.sent + maker.blanks();
    }
    page += "]" + maker.blanks() + ",\"after\":[" + maker.object(1).sent + "]}" + maker.blanks();
    if (line_breaks) {
      page += "\n"; // whatever was drawn, there is one
    }
    page_fixture f;
    auto result = f.cut(page);
    RC_ASSERT(result.has_value());
    RC_ASSERT(page_fixture::records_of(result->lines) == expected);
    RC_ASSERT(result->records == expected.size());
  }));
}
