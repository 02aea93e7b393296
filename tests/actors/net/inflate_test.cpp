#include "actors/net/inflate.hpp"

#include "tests/support/catch2.hpp"
#include "tests/support/gzip.hpp"

#include <rapidcheck.h>

#include <string>

using namespace sluice;
using namespace sluice::net;
using sluice::test::pack;
using sluice::test::wrapper;

namespace {

errc code_of(content_coding coding, std::string_view packed, std::uint64_t bound = 1 << 20) {
  inflater tool;
  std::string plain;
  const auto done = tool.inflate(coding, packed, bound, plain);
  return done ? errc::none : done.error().code;
}

std::string inflated(content_coding coding, std::string_view packed) {
  inflater tool;
  std::string plain = "old";
  REQUIRE(tool.inflate(coding, packed, 1 << 24, plain));
  return plain;
}

} // namespace

TEST_CASE("gzip and both kinds of deflate are decoded") {
  const std::string text = "hello hello hello";
  CHECK(inflated(content_coding::gzip, pack(text, wrapper::gzip)) == text);
  CHECK(inflated(content_coding::deflate, pack(text, wrapper::zlib)) == text);
  CHECK(inflated(content_coding::deflate, pack(text, wrapper::none)) == text);
  CHECK(inflated(content_coding::identity, text) == text);
  CHECK(inflated(content_coding::gzip, pack("", wrapper::gzip)).empty());
}

TEST_CASE("a gzip of several members is decoded whole") {
  CHECK(
    inflated(content_coding::gzip, pack("one, ", wrapper::gzip) + pack("", wrapper::gzip) + pack("two", wrapper::gzip))
    == "one, two");
}

TEST_CASE("whatever is packed comes out again, and the tool can be used again") {
  inflater tool;
  CHECK(rc::check("pack and inflate", [&](const std::string& text) {
    const std::string long_text = text + text + std::string(5000, 'x') + text;
    std::string plain;
    RC_ASSERT(tool.inflate(content_coding::gzip, pack(long_text, wrapper::gzip), 1 << 20, plain));
    RC_ASSERT(plain == long_text);
    RC_ASSERT(tool.inflate(content_coding::deflate, pack(text, wrapper::none), 1 << 20, plain));
    RC_ASSERT(plain == text);
  }));
}

TEST_CASE("a compressed body that ends early is truncated wherever it is cut") {
  const auto packed = pack("hello hello hello", wrapper::gzip);
  for (std::size_t size = 0; size < packed.size(); ++size) {
    CAPTURE(size);
    CHECK(code_of(content_coding::gzip, packed.substr(0, size)) == errc::truncated_body);
  }
  const auto two = packed + packed;
  CHECK(code_of(content_coding::gzip, two.substr(0, two.size() - 1)) == errc::truncated_body);
  const auto wrapped = pack("hello hello hello", wrapper::zlib);
  CHECK(code_of(content_coding::deflate, wrapped.substr(0, wrapped.size() - 1)) == errc::truncated_body);
}

TEST_CASE("no flipped bit in the data or the checksums of a gzip goes unnoticed") {
  const std::string text = "hello hello hello, 0123456789";
  const auto packed = pack(text, wrapper::gzip);
  constexpr std::size_t header = 10;
  for (std::size_t bit = header * 8; bit < packed.size() * 8; ++bit) {
    auto damaged = packed;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    CAPTURE(bit);
    inflater tool;
    std::string plain;
    const auto done = tool.inflate(content_coding::gzip, damaged, 1 << 20, plain);
    // Bits that pad the last deflate byte mean nothing.
    if (done)
      CHECK(plain == text);
    else
      CHECK((done.error().code == errc::bad_response || done.error().code == errc::truncated_body));
  }
}

TEST_CASE("what is not compressed, and what follows the end, is an error") {
  CHECK(code_of(content_coding::gzip, "plain text") == errc::bad_response);
  CHECK(code_of(content_coding::deflate, "plain text, not deflate") == errc::bad_response);
  CHECK(code_of(content_coding::gzip, pack("x", wrapper::gzip) + "garbage") == errc::bad_response);
  CHECK(code_of(content_coding::gzip, pack("x", wrapper::gzip) + std::string(1, '\0')) == errc::bad_response);
  CHECK(code_of(content_coding::deflate, pack("x", wrapper::zlib) + "g") == errc::bad_response);
}

TEST_CASE("a bomb is stopped at the bound") {
  const auto bomb = pack(std::string(50'000'000, '\0'), wrapper::gzip);
  REQUIRE(bomb.size() < 100'000);
  inflater tool;
  std::string plain;
  const auto done = tool.inflate(content_coding::gzip, bomb, 1'000'000, plain);
  REQUIRE(!done);
  CHECK(done.error().code == errc::body_too_large);
  CHECK(done.error().what.find("1000000") != std::string::npos);
  CHECK(plain.capacity() < 3'000'000);
}

TEST_CASE("the bound is exact") {
  for (const std::size_t size : {1, 100, 4095, 4096, 4097, 100'000}) {
    CAPTURE(size);
    const auto packed = pack(std::string(size, 'x'), wrapper::gzip);
    CHECK(code_of(content_coding::gzip, packed, size) == errc::none);
    CHECK(code_of(content_coding::gzip, packed, size - 1) == errc::body_too_large);
  }
}

TEST_CASE("no bytes make the inflater fail in another way") {
  CHECK(rc::check("inflate on arbitrary bytes", [](const std::string& text) {
    (void)code_of(content_coding::deflate, text);
    (void)code_of(content_coding::gzip, std::string{"\x1f\x8b\x08\0\0\0\0\0\0\xff", 10} + text);
  }));
}
