#include "messages/text/base64.hpp"

#include "tests/support/catch2.hpp"
#include "tests/support/random_bytes.hpp"

#include <Poco/Base64Encoder.h>

#include <sstream>
#include <string>

#include <rapidcheck.h>

using namespace sluice;

TEST_CASE("the examples of RFC 4648 section 10 are encoded and decoded") {
  struct row {
    const char* bytes;
    const char* text;
  };
  auto r = GENERATE(values<row>({{"", ""},
                                 {"f", "Zg=="},
                                 {"fo", "Zm8="},
                                 {"foo", "Zm9v"},
                                 {"foob", "Zm9vYg=="},
                                 {"fooba", "Zm9vYmE="},
                                 {"foobar", "Zm9vYmFy"},
                                 {"Aladdin:open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
                                 {"\xfb\xff\xfe", "+//+"}}));
  CHECK(base64_encode(r.bytes) == r.text);
  CHECK(base64_decode(r.text) == r.bytes);
}

TEST_CASE("decoding is as lenient as Python's, and as strict about the padding") {
  CHECK(base64_decode("Z m\n9*v") == "foo");
  CHECK(base64_decode("Zg==Zm9v") == "f");
  for (auto text : {"Zg", "Zg=", "Zm9vY", "=Zg"}) {
    INFO(text);
    CHECK_FALSE(base64_decode(text));
  }
}

TEST_CASE("any bytes are encoded as another library does, and come back") {
  CHECK(rc::check("round trip", [] {
    auto bytes = *test::random_bytes();
    std::ostringstream theirs;
    Poco::Base64Encoder encoder{theirs};
    encoder.rdbuf()->setLineLength(0);
    encoder << bytes;
    encoder.close();
    RC_ASSERT(base64_encode(bytes) == theirs.str());
    RC_ASSERT(base64_decode(base64_encode(bytes)) == bytes);
  }));
}
