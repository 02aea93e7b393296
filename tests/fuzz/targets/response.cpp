// A whole answer off the wire: head, framing, body, decompression. However it is split on its way, the result is the
// same.
#include "actors/net/body_reader.hpp"
#include "actors/net/inflate.hpp"
#include "actors/net/response_head.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <cstring>
#include <string>

using namespace sluice;
using namespace sluice::fuzz;
using namespace sluice::net;

namespace {

constexpr std::uint64_t bound = 64 * 1024;

class memory_source final : public byte_source {
public:
  memory_source(std::string_view bytes, std::size_t piece) : bytes_(bytes), piece_(piece) {}

  task<io_result<std::size_t>> read_some(char* into, std::size_t size) override {
    require(size > 0, "nobody reads nothing");
    auto count = std::min({size, piece_, bytes_.size()});
    std::memcpy(into, bytes_.data(), count);
    bytes_.remove_prefix(count);
    co_return count;
  }

private:
  std::string_view bytes_;
  std::size_t piece_;
};

struct outcome {
  errc code = errc::none;
  int status = 0;
  std::uint64_t wire = 0;
  std::string body;
  std::string plain;
  bool operator==(const outcome&) const = default;
};

void check_head(const response_head& head) {
  require(head.status >= 100 && head.status <= 999, "a status has three digits");
  require(head.headers.size() <= max_header_fields, "header fields are bounded");
  for (const auto& [name, value] : head.headers) {
    require(!name.empty() && name.find_first_of(" \t\r\n:") == std::string::npos, "a header's name is a token");
    require(value.find_first_of(std::string_view{"\r\n\0", 3}) == std::string::npos, "a header's value is one line");
  }
}

outcome read(std::string_view wire, std::size_t piece) {
  memory_source source{wire, piece};
  body_reader reader;
  reader.start(source);
  outcome result;
  auto text = reader.read_head().take();
  if (!text) {
    result.code = text.error().code;
    return result;
  }
  require(text->size() <= max_head_bytes, "a head is bounded");
  auto head = parse_response_head(*text);
  if (!head) {
    result.code = errc::bad_response;
    return result;
  }
  check_head(*head);
  result.status = head->status;
  auto framing = framing_of(*head, "GET");
  auto coding = coding_of(*head);
  if (!framing || !coding) {
    result.code = errc::bad_response;
    return result;
  }
  auto size = reader.read_body(*framing, bound, result.body).take();
  if (!size) {
    result.code = size.error().code;
    result.body.clear(); // how much of a broken body was seen depends on the pieces
    return result;
  }
  result.wire = *size;
  require(result.body.size() <= bound, "a body is bounded");
  require(result.body.size() <= wire.size(), "a body comes from the wire");
  require(framing->kind != body_framing::kind_type::length || result.body.size() == framing->length,
          "a body has the length that was announced");
  static inflater unpack;
  if (*coding != content_coding::identity) {
    auto unpacked = unpack.inflate(*coding, result.body, bound, result.plain);
    if (!unpacked)
      result.code = unpacked.error().code;
    require(!unpacked || result.plain.size() <= bound, "what was compressed is bounded");
    if (!unpacked)
      result.plain.clear();
  }
  return result;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto wire = text_of(data, size);
  auto whole = read(wire, wire.size() + 1);
  require(whole == read(wire, 1), "byte by byte the answer is the same");
  require(whole == read(wire, 7), "in pieces the answer is the same");
  // The parser alone, also with what a reader would never give it.
  if (auto head = parse_response_head(wire)) {
    check_head(*head);
    for (auto method : {"GET", "HEAD", "POST"})
      (void)framing_of(*head, method);
    (void)coding_of(*head);
  }
  return 0;
}
