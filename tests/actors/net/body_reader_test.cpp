#include "actors/net/body_reader.hpp"

#include "tests/support/catch2.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <deque>
#include <optional>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::net;

namespace {

using kind = body_framing::kind_type;

/// Bytes from memory, in the pieces in which they "arrive".
class memory_source final : public byte_source {
public:
  explicit memory_source(std::vector<std::string> pieces) : pieces_{pieces.begin(), pieces.end()} {
    std::erase(pieces_, "");
  }

  task<io_result<std::size_t>> read_some(char* into, std::size_t size) override {
    if (pieces_.empty())
      co_return at_end ? io_result<std::size_t>{tl::unexpected{*at_end}} : io_result<std::size_t>{0};
    auto& piece = pieces_.front();
    const auto count = std::min(size, piece.size());
    std::memcpy(into, piece.data(), count);
    piece.erase(0, count);
    if (piece.empty())
      pieces_.pop_front();
    co_return count;
  }

  /// What happens after the last byte; nothing: an orderly end.
  std::optional<io_error> at_end;

private:
  std::deque<std::string> pieces_;
};

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i)
    text[i] = static_cast<char>(i * 131 >> 3);
  return text;
}

std::string chunk(const std::string& data) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", data.size());
  return size + data + "\r\n";
}

struct outcome {
  errc code = errc::none;
  std::string what;
  std::string body;
  bool leftover = false;
};

outcome read(const std::string& bytes, const body_framing& framing, std::uint64_t bound = 1 << 20) {
  memory_source source{{bytes}};
  body_reader reader;
  reader.start(source);
  outcome result;
  const auto size = reader.read_body(framing, bound, result.body).take();
  if (!size) {
    result.code = size.error().code;
    result.what = size.error().what;
  } else {
    CHECK(*size == result.body.size());
  }
  result.leftover = reader.has_leftover();
  return result;
}

outcome read_length(const std::string& bytes, std::uint64_t length, std::uint64_t bound = 1 << 20) {
  return read(bytes, {kind::length, length, true}, bound);
}

outcome read_chunked(const std::string& bytes, std::uint64_t bound = 1 << 20) {
  return read(bytes, {kind::chunked, 0, true}, bound);
}

} // namespace

TEST_CASE("a body of known length is read exactly") {
  CHECK(read_length("hello", 5).body == "hello");
  CHECK(read_length("", 0).code == errc::none);
  const auto more = read_length("hello, and more", 5);
  CHECK(more.body == "hello");
  CHECK(more.leftover);
}

TEST_CASE("a body shorter than its length is truncated") {
  const auto result = read_length("hell", 5);
  CHECK(result.code == errc::truncated_body);
  CHECK(result.what.find("after 4 of 5 bytes") != std::string::npos);
  CHECK(read_length("", 5).code == errc::truncated_body);
  CHECK(read_length(pattern(40'000), 50'000).code == errc::truncated_body);
  CHECK(read_length(pattern(700'000), 800'000).code == errc::truncated_body);
}

TEST_CASE("a body larger than the bound is refused before it is read") {
  CHECK(read_length("hello", 5, 5).code == errc::none);
  const auto result = read_length("hello!", 6, 5);
  CHECK(result.code == errc::body_too_large);
  CHECK(result.body.empty());
  CHECK(result.what.find("http.max_body_bytes") != std::string::npos);
  CHECK(read_length("x", UINT64_MAX).code == errc::body_too_large);
}

TEST_CASE("an announced length reserves little memory before the bytes come") {
  const auto result = read_length("x", 1ULL << 40, 1ULL << 41);
  CHECK(result.code == errc::truncated_body);
  CHECK(result.body.capacity() < 3'000'000);
}

TEST_CASE("chunks are joined, extensions and trailers dropped") {
  CHECK(read_chunked("0\r\n\r\n").body.empty());
  CHECK(read_chunked("5\r\nhello\r\n0\r\n\r\n").body == "hello");
  CHECK(read_chunked("5;a=b;c\r\nhello\r\n0001 \r\n!\r\n000;x\r\n\r\n").body == "hello!");
  CHECK(read_chunked("A\r\n0123456789\r\n0\r\n\r\n").body == "0123456789");
  CHECK(read_chunked("5\nhello\n0\n\n").body == "hello");
  const auto trailers = read_chunked("1\r\nx\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\nNEXT");
  CHECK(trailers.body == "x");
  CHECK(trailers.leftover);
  CHECK(!read_chunked("1\r\nx\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n").leftover);
}

TEST_CASE("a chunked body that ends early is truncated wherever it is cut") {
  const std::string whole = "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nT: 1\r\n\r\n";
  CHECK(read_chunked(whole).body == "hello world");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK(read_chunked(whole.substr(0, size)).code == errc::truncated_body);
  }
}

TEST_CASE("garbage between chunks is an error") {
  for (const std::string text :
       {"xyz\r\nhello\r\n0\r\n\r\n", "\r\n\r\n", "-5\r\nhello\r\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n",
        "5 5\r\nhello\r\n0\r\n\r\n", ";a\r\n\r\n", "4\r\nhello\r\n0\r\n\r\n", "5\r\nhellox\r\n0\r\n\r\n",
        "12345678901234567\r\nx", "5\r\nhello\r\nrubbish\r\n"}) {
    CAPTURE(text);
    CHECK(read_chunked(text).code == errc::bad_response);
  }
}

TEST_CASE("chunks are bounded in sum, also where the sum would overflow") {
  CHECK(read_chunked(chunk("hello") + chunk("world") + "0\r\n\r\n", 10).code == errc::none);
  CHECK(read_chunked(chunk("hello") + chunk("world") + "0\r\n\r\n", 9).code == errc::body_too_large);
  CHECK(read_chunked(chunk("hello") + "ffffffffffffffff\r\nx", 9).code == errc::body_too_large);
}

TEST_CASE("lines of a chunked body and its trailers have an end") {
  CHECK(read_chunked("5;" + std::string(max_head_bytes, 'x') + "\r\nhello\r\n0\r\n\r\n").code == errc::bad_response);
  CHECK(read_chunked(std::string(200'000, '1')).code == errc::bad_response);
  std::string trailers;
  for (std::size_t i = 0; i < max_head_bytes / 5; ++i)
    trailers += "a: b\r\n";
  CHECK(read_chunked("0\r\n" + trailers + "\r\n").code == errc::bad_response);
}

TEST_CASE("a body until the end of the connection is bounded too") {
  const body_framing until_close{kind::until_close, 0, false};
  CHECK(read("hello", until_close).body == "hello");
  CHECK(read("", until_close).code == errc::none);
  CHECK(read("hello", until_close, 5).code == errc::none);
  CHECK(read("hello!", until_close, 5).code == errc::body_too_large);
  CHECK(read(pattern(1'000'000), until_close, 999'999).code == errc::body_too_large);
  CHECK(read(pattern(1'000'000), until_close, 1'000'000).body == pattern(1'000'000));
}

TEST_CASE("a connection that breaks in a body truncates it, a time limit says how far it got") {
  body_reader reader;
  std::string body;
  memory_source source{{"abc"}};
  source.at_end = io_error{errc::connection_failed, failure_type::transient_error, "reset", true};
  reader.start(source);
  auto result = reader.read_body({kind::length, 10, true}, 100, body).take();
  REQUIRE(!result);
  CHECK(result.error().code == errc::truncated_body);

  memory_source slow{{"abc"}};
  slow.at_end = io_error{errc::timed_out, failure_type::transient_error, "no byte came", false};
  reader.start(slow);
  result = reader.read_body({kind::until_close, 0, false}, 100, body).take();
  REQUIRE(!result);
  CHECK(result.error().code == errc::timed_out);
  CHECK(result.error().what.find("after 3 bytes of the body") != std::string::npos);
}

TEST_CASE("a head is read up to its blank line") {
  memory_source source{{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\nA: b\n", "\nrest"}};
  body_reader reader;
  reader.start(source);
  CHECK(!reader.has_received());
  CHECK(reader.read_head().take().value() == "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(reader.has_received());
  CHECK(reader.read_head().take().value() == "HTTP/1.1 200 OK\nA: b\n\n");
  CHECK(reader.has_leftover());
}

TEST_CASE("a head cut off anywhere is an error, before its first byte a different one") {
  const std::string whole = "HTTP/1.1 200 OK\r\nConnection: close\r\nA: b\r\n\r\n";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    memory_source source{{whole.substr(0, size)}};
    body_reader reader;
    reader.start(source);
    const auto head = reader.read_head().take();
    REQUIRE(!head);
    CHECK(head.error().code == (size == 0 ? errc::connection_failed : errc::truncated_body));
    CHECK(head.error().lost);
    CHECK(reader.has_received() == (size > 0));
  }
}

TEST_CASE("what cannot become a head is refused at once, not at a time limit") {
  for (const std::string text : {"x", "HTTQ", "\r\n", "\xff", "<html>"}) {
    memory_source source{{text}};
    source.at_end = io_error{errc::timed_out, failure_type::transient_error, "no byte came", false};
    body_reader reader;
    reader.start(source);
    CHECK(reader.read_head().take().error().code == errc::bad_response);
  }
}

TEST_CASE("the length of a head is bounded") {
  const std::string start = "HTTP/1.1 200 OK\r\nA: ";
  const auto read_padded = [&](std::size_t size) {
    memory_source source{{start + std::string(size - start.size() - 4, 'x') + "\r\n\r\n"}};
    body_reader reader;
    reader.start(source);
    return reader.read_head().take();
  };
  CHECK(read_padded(max_head_bytes));
  CHECK(read_padded(max_head_bytes + 1).error().code == errc::bad_response);
  CHECK(read_padded(10 * max_head_bytes).error().code == errc::bad_response);
}

TEST_CASE("however a response is split on its way, head, body and rest are the same") {
  CHECK(rc::check("random splits", [] {
    const auto framing_kind = *rc::gen::element(kind::length, kind::chunked);
    const auto size = *rc::gen::weightedOneOf<std::size_t>({{6, rc::gen::inRange<std::size_t>(0, 300)},
                                                            {3, rc::gen::inRange<std::size_t>(0, 40'000)},
                                                            {1, rc::gen::inRange<std::size_t>(0, 900'000)}});
    const auto body = pattern(size);
    std::string wire = "HTTP/1.1 200 OK\r\nA: b\r\n\r\n";
    const auto head_size = wire.size();
    if (framing_kind == kind::length) {
      wire += body;
    } else {
      for (std::size_t at = 0; at < size;) {
        const auto count = *rc::gen::inRange<std::size_t>(1, size - at + 1);
        wire += chunk(body.substr(at, count));
        at += count;
      }
      wire += "0\r\nTrailer: x\r\n\r\n";
    }
    wire += "rest";
    auto cuts = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, wire.size()));
    cuts.push_back(wire.size());
    std::sort(cuts.begin(), cuts.end());
    std::vector<std::string> pieces;
    std::size_t from = 0;
    for (auto cut : cuts) {
      pieces.push_back(wire.substr(from, cut - from));
      from = cut;
    }
    memory_source source{pieces};
    body_reader reader;
    reader.start(source);
    RC_ASSERT(reader.read_head().take().value() == wire.substr(0, head_size));
    std::string result;
    RC_ASSERT(reader.read_body({framing_kind, size, true}, size, result).take().value() == size);
    RC_ASSERT(result == body);
    std::string rest;
    RC_ASSERT(reader.read_body({kind::until_close, 0, false}, 100, rest).take().value() == 4U);
    RC_ASSERT(rest == "rest");
  }));
}

TEST_CASE("no bytes make the body reader fail in another way") {
  CHECK(rc::check("read_body on arbitrary chunked text", [](const std::string& text) {
    memory_source source{{text}};
    body_reader reader;
    reader.start(source);
    std::string body;
    if (reader.read_body({kind::chunked, 0, true}, 1000, body).take())
      RC_ASSERT(body.size() <= text.size());
  }));
}
