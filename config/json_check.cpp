#include "config/json_check.hpp"

#include "messages/json_text.hpp"

#include <algorithm>
#include <cstddef>

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace sluice {

namespace {

/// Counts the depth; the parser itself is iterative, but those that read the text after it may not be.
class depth_guard : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, depth_guard> {
public:
  bool StartObject() { return ++depth_ <= max_file_json_depth; }
  bool EndObject(rapidjson::SizeType) { return leave(); }
  bool StartArray() { return ++depth_ <= max_file_json_depth; }
  bool EndArray(rapidjson::SizeType) { return leave(); }

private:
  bool leave() {
    --depth_;
    return true;
  }

  unsigned depth_ = 0;
};

std::string position(std::string_view text, std::size_t offset) {
  auto before = text.substr(0, offset);
  auto line = 1 + std::count(before.begin(), before.end(), '\n');
  auto line_start = before.rfind('\n');
  auto column = 1 + utf8_length(line_start == std::string_view::npos ? before : before.substr(line_start + 1));
  return " (line " + std::to_string(line) + ", column " + std::to_string(column) + ")";
}

std::string describe_fault(rapidjson::ParseErrorCode code, bool at_end) {
  if (at_end && code != rapidjson::kParseErrorDocumentEmpty)
    return "it ends too early";
  if (code == rapidjson::kParseErrorTermination)
    return "it is nested deeper than " + std::to_string(max_file_json_depth) + " levels";
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
  depth_guard guard;
  auto result = reader.Parse<flags>(stream, guard);
  if (!result.IsError())
    return std::nullopt;
  auto offset = std::min(result.Offset(), text.size());
  return describe_fault(result.Code(), offset == text.size()) + position(text, offset);
}

} // namespace sluice
