#include "config/json_check.hpp"

#include "messages/text/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <system_error>

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace sluice {

namespace {

/// True for a number that no double can hold. One that is too small is 0.
bool is_too_large(const std::string& number) noexcept {
  double x = 0;
  auto [end, code] = std::from_chars(number.data(), number.data() + number.size(), x);
  return code == std::errc::result_out_of_range && std::abs(std::strtod(number.c_str(), nullptr)) > 1;
}

/// Checks the size of numbers and counts the depth; the parser itself is iterative, but those that read the text after
/// it may not be.
class parse_guard : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, parse_guard> {
public:
  bool StartObject() { return ++depth_ <= max_file_json_depth; }
  bool EndObject(rapidjson::SizeType) { return leave(); }
  bool StartArray() { return ++depth_ <= max_file_json_depth; }
  bool EndArray(rapidjson::SizeType) { return leave(); }
  /// The parser alone looks at exponents only.
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    too_large_ = is_too_large({text, size});
    return !too_large_;
  }

  /// Whether a number was what the guard ended the parsing for; else it was the depth.
  bool saw_too_large() const noexcept { return too_large_; }

private:
  bool leave() {
    --depth_;
    return true;
  }

  unsigned depth_ = 0;
  bool too_large_ = false;
};

std::string position(std::string_view text, std::size_t offset) {
  auto before = text.substr(0, offset);
  auto line = 1 + std::count(before.begin(), before.end(), '\n');
  auto line_start = before.rfind('\n');
  auto column = 1 + utf8_length(line_start == std::string_view::npos ? before : before.substr(line_start + 1));
  return " (line " + std::to_string(line) + ", column " + std::to_string(column) + ")";
}

std::string describe_fault(rapidjson::ParseErrorCode code, bool at_end, const parse_guard& guard) {
  if (code == rapidjson::kParseErrorTermination && guard.saw_too_large())
    code = rapidjson::kParseErrorNumberTooBig;
  else if (code == rapidjson::kParseErrorTermination)
    return "it is nested deeper than " + std::to_string(max_file_json_depth) + " levels";
  if (at_end && code != rapidjson::kParseErrorDocumentEmpty && !guard.saw_too_large())
    return "it ends too early";
  std::string text = rapidjson::GetParseError_En(code);
  while (!text.empty() && text.back() == '.')
    text.pop_back();
  return text;
}

} // namespace

std::optional<std::string> find_json_fault(std::string_view text) {
  // The parser takes a NUL for the end of the document, whatever follows.
  if (auto nul = text.find('\0'); nul != std::string_view::npos)
    return "it has a NUL character in it" + position(text, nul);
  // Numbers stay texts: integers beyond 64 bits are no fault of the grammar.
  constexpr auto flags
    = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseValidateEncodingFlag;
  rapidjson::MemoryStream stream{text.data(), text.size()};
  rapidjson::Reader reader;
  parse_guard guard;
  auto result = reader.Parse<flags>(stream, guard);
  if (!result.IsError())
    return std::nullopt;
  auto offset = std::min(result.Offset(), text.size());
  return describe_fault(result.Code(), offset == text.size(), guard) + position(text, offset);
}

} // namespace sluice
