#include "tests/support/json.hpp"

#include <charconv>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <Poco/Exception.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace sluice::test {

namespace {

using Poco::Dynamic::Var;

template <class T>
bool read_number(std::string_view text, T& x) {
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), x);
  return code == std::errc{} && end == text.data() + text.size();
}

Var number(std::string_view text) {
  if (Poco::Int64 x = 0; read_number(text, x))
    return x;
  if (Poco::UInt64 x = 0; read_number(text, x))
    return x;
  if (double x = 0; text.find_first_of(".eE") != std::string_view::npos && read_number(text, x))
    return x;
  return std::string{text};
}

/// Collects what the reader reports.
class builder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, builder> {
public:
  bool Null() { return add({}); }
  bool Bool(bool x) { return add(x); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) { return add(number({text, size})); }
  bool String(const char* text, rapidjson::SizeType size, bool) { return add(std::string{text, size}); }
  bool StartObject() {
    open_.push_back({new Poco::JSON::Object, nullptr, {}});
    return true;
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    open_.back().key.assign(text, size);
    return true;
  }
  bool EndObject(rapidjson::SizeType) { return close(); }
  bool StartArray() {
    open_.push_back({nullptr, new Poco::JSON::Array, {}});
    return true;
  }
  bool EndArray(rapidjson::SizeType) { return close(); }

  Var take() { return std::move(root_); }

private:
  /// One of both, and the member that comes next.
  struct level {
    Poco::JSON::Object::Ptr object;
    Poco::JSON::Array::Ptr array;
    std::string key;
  };

  bool close() {
    auto done = std::move(open_.back());
    open_.pop_back();
    return add(done.object ? Var{done.object} : Var{done.array});
  }

  bool add(const Var& x) {
    if (open_.empty())
      root_ = x;
    else if (auto& at = open_.back(); at.object)
      at.object->set(at.key, x);
    else
      at.array->add(x);
    return true;
  }

  Var root_;
  std::vector<level> open_;
};

} // namespace

Var json_document(std::string_view text) {
  constexpr auto flags
    = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseValidateEncodingFlag;
  rapidjson::MemoryStream stream{text.data(), text.size()};
  rapidjson::Reader reader;
  builder result;
  if (auto done = reader.Parse<flags>(stream, result); done.IsError())
    throw Poco::SyntaxException{std::string{rapidjson::GetParseError_En(done.Code())} + " at byte "
                                + std::to_string(done.Offset())};
  return result.take();
}

Poco::JSON::Object::Ptr json_object(std::string_view text) {
  return json_document(text).extract<Poco::JSON::Object::Ptr>();
}

} // namespace sluice::test
