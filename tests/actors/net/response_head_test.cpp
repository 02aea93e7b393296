#include "actors/net/response_head.hpp"

#include "tests/support/catch2.hpp"

#include <rapidcheck.h>

#include <string>
#include <vector>

using namespace sluice::net;
using sluice::header_list;

namespace {

response_head head_of(const std::string& fields, int status = 200, const std::string& version = "1.1") {
  return parse_response_head("HTTP/" + version + " " + std::to_string(status) + " X\r\n" + fields + "\r\n").value();
}

using kind = body_framing::kind_type;

} // namespace

TEST_CASE("a response head is read") {
  const auto head = parse_response_head("HTTP/1.1 404 Not Found\r\nA: b\r\nEmpty:\r\nC:  d e \t\r\nA: second\r\n\r\n");
  REQUIRE(head);
  CHECK(head->status == 404);
  CHECK(head->minor_version == 1);
  CHECK(head->reason == "Not Found");
  CHECK(head->headers == header_list{{"A", "b"}, {"Empty", ""}, {"C", "d e"}, {"A", "second"}});
}

TEST_CASE("a response head may have bare line feeds, no reason, bytes beyond ASCII and continued lines") {
  CHECK(parse_response_head("HTTP/1.0 200\nA: b\n\n").value().headers == header_list{{"A", "b"}});
  CHECK(parse_response_head("HTTP/1.1 200 \r\n\r\n").value().reason.empty());
  CHECK(parse_response_head("HTTP/1.1 200 OK\r\nA: \xff\xfe\r\n\r\n").value().headers
        == header_list{{"A", "\xff\xfe"}});
  CHECK(parse_response_head("HTTP/1.1 200 OK\r\nA: b\r\n \t c\r\n\r\n").value().headers == header_list{{"A", "b c"}});
}

TEST_CASE("an encoded word in a header stays as it is") {
  CHECK(head_of("A: =?utf-8?B?eA==?=\r\n").headers.front().second == "=?utf-8?B?eA==?=");
}

TEST_CASE("a response head that is not HTTP/1 is refused") {
  for (const std::string text : {
         "\r\n\r\n",
         "200 OK\r\n\r\n",
         "HTTP/2 200 OK\r\n\r\n",
         "HTTP/2.0 200 OK\r\n\r\n",
         "HTTP/1.x 200 OK\r\n\r\n",
         "HTTP/1.1  200 OK\r\n\r\n",
         "HTTP/1.1 20 OK\r\n\r\n",
         "HTTP/1.1 2000 OK\r\n\r\n",
         "HTTP/1.1 20x OK\r\n\r\n",
         "HTTP/1.1 099 OK\r\n\r\n",
         "HTTP/1.1 -20 OK\r\n\r\n",
         "HTTP/1.1 200 O\x01K\r\n\r\n",
         "ICY 200 OK\r\n\r\n",
         "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
         "HTTP/1.1 200 OK\r\n: no name\r\n\r\n",
         "HTTP/1.1 200 OK\r\nA : space before colon\r\n\r\n",
         "HTTP/1.1 200 OK\r\n folded first\r\n\r\n",
         "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n",
       }) {
    CAPTURE(text);
    CHECK(!parse_response_head(text));
  }
  CHECK(!parse_response_head(std::string{"HTTP/1.1 200 OK\r\nA: \0\r\n\r\n", 25}));
}

TEST_CASE("the number of header fields is bounded") {
  std::string text = "HTTP/1.1 200 OK\r\n";
  for (std::size_t i = 0; i < max_header_fields; ++i)
    text += "A: b\r\n";
  CHECK(parse_response_head(text + "\r\n"));
  CHECK(!parse_response_head(text + "A: b\r\n\r\n"));
}

TEST_CASE("no bytes make the head parser fail in another way") {
  CHECK(rc::check("parse_response_head on arbitrary text", [](const std::string& tail) {
    (void)parse_response_head(tail);
    if (const auto head = parse_response_head("HTTP/1.1 200 OK\r\n" + tail)) {
      (void)framing_of(*head, "GET");
      (void)coding_of(*head);
    }
  }));
}

TEST_CASE("the length of a body comes from chunks, from Content-Length, or from the end of the connection") {
  CHECK(framing_of(head_of("Content-Length: 12\r\n"), "GET").value().kind == kind::length);
  CHECK(framing_of(head_of("Content-Length: 12\r\n"), "GET").value().length == 12);
  CHECK(framing_of(head_of("content-length: 12, 12\r\nContent-Length: 12\r\n"), "GET").value().length == 12);
  CHECK(framing_of(head_of("Transfer-Encoding: Chunked\r\n"), "GET").value().kind == kind::chunked);
  CHECK(framing_of(head_of("Connection: x, Close\r\n"), "GET").value().kind == kind::until_close);
  CHECK(framing_of(head_of("", 200, "1.0"), "GET").value().kind == kind::until_close);
}

TEST_CASE("chunks win over Content-Length, but the connection is then not trusted any more") {
  const auto framing = framing_of(head_of("Content-Length: 12\r\nTransfer-Encoding: chunked\r\n"), "GET");
  REQUIRE(framing);
  CHECK(framing->kind == kind::chunked);
  CHECK(!framing->keep_alive);
}

TEST_CASE("some answers have no body whatever their header says") {
  CHECK(framing_of(head_of("Content-Length: 12\r\n"), "HEAD").value().kind == kind::none);
  CHECK(framing_of(head_of("Content-Length: 12\r\n", 204), "GET").value().kind == kind::none);
  CHECK(framing_of(head_of("Transfer-Encoding: chunked\r\n", 304), "GET").value().kind == kind::none);
}

TEST_CASE("a body whose length cannot be known for sure is refused") {
  for (const std::string fields : {
         "",
         "Content-Length: -5\r\n",
         "Content-Length: +5\r\n",
         "Content-Length: 1e20\r\n",
         "Content-Length: 0x10\r\n",
         "Content-Length: 5 5\r\n",
         "Content-Length:\r\n",
         "Content-Length: 5, 6\r\n",
         "Content-Length: 5\r\nContent-Length: 6\r\n",
         "Transfer-Encoding: gzip, chunked\r\n",
         "Transfer-Encoding: chunked, chunked\r\n",
         "Transfer-Encoding: identity\r\n",
         "Transfer-Encoding:\r\nContent-Length: 5\r\n",
       }) {
    CAPTURE(fields);
    CHECK(!framing_of(head_of(fields), "GET"));
  }
}

TEST_CASE("a length beyond 64 bits is larger than every bound") {
  const auto framing = framing_of(head_of("Content-Length: 100000000000000000000\r\n"), "GET");
  REQUIRE(framing);
  CHECK(framing->length == UINT64_MAX);
}

TEST_CASE("a connection is kept unless one side says otherwise or is too old") {
  const auto keeps = [](const std::string& fields, const std::string& version) {
    return framing_of(head_of("Content-Length: 0\r\n" + fields, 200, version), "GET").value().keep_alive;
  };
  CHECK(keeps("", "1.1"));
  CHECK(keeps("Connection: keep-alive\r\n", "1.1"));
  CHECK(!keeps("Connection: close\r\n", "1.1"));
  CHECK(!keeps("Connection: keep-alive, CLOSE\r\n", "1.1"));
  CHECK(!keeps("", "1.0"));
  CHECK(keeps("Connection: Keep-Alive\r\n", "1.0"));
}

TEST_CASE("the content coding is one that can be decoded, or an error") {
  CHECK(coding_of(head_of("")).value() == content_coding::identity);
  CHECK(coding_of(head_of("Content-Encoding: identity\r\n")).value() == content_coding::identity);
  CHECK(coding_of(head_of("Content-Encoding:\r\n")).value() == content_coding::identity);
  CHECK(coding_of(head_of("content-encoding: GZIP\r\n")).value() == content_coding::gzip);
  CHECK(coding_of(head_of("Content-Encoding: x-gzip\r\n")).value() == content_coding::gzip);
  CHECK(coding_of(head_of("Content-Encoding: deflate\r\n")).value() == content_coding::deflate);
  CHECK(coding_of(head_of("Content-Encoding: identity, gzip\r\n")).value() == content_coding::gzip);
  CHECK(!coding_of(head_of("Content-Encoding: br\r\n")));
  CHECK(!coding_of(head_of("Content-Encoding: gzip, gzip\r\n")));
  CHECK(!coding_of(head_of("Content-Encoding: gzip\r\nContent-Encoding: br\r\n")));
  for (const auto* name :
       {"br", "zstd", "BR", "compress", "x-compress", "dcb", "dcz", "exi", "aes128gcm", "utf-8, zstd"}) {
    INFO(name);
    CHECK(!coding_of(head_of("Content-Encoding: " + std::string{name} + "\r\n")));
  }
}

TEST_CASE("what is no content coding says nothing about the body") {
  struct row {
    const char* value;
    content_coding coding;
    const char* unknown;
  };
  auto r = GENERATE(values<row>({
    {"utf-8", content_coding::identity, "utf-8"},
    {"UTF-8", content_coding::identity, "UTF-8"},
    {"none", content_coding::identity, "none"},
    {"binary", content_coding::identity, "binary"},
    {"aws-chunked", content_coding::identity, "aws-chunked"},
    {"application/json", content_coding::identity, "application/json"},
    {"gzip, utf-8", content_coding::gzip, "utf-8"},
    {"aws-chunked,GZIP", content_coding::gzip, "aws-chunked"},
    {"a, , b", content_coding::identity, "a, b"},
    {"identity", content_coding::identity, ""},
    {" , ", content_coding::identity, ""},
  }));
  INFO(r.value);
  std::string unknown;
  auto coding = coding_of(head_of("Content-Encoding: " + std::string{r.value} + "\r\n"), &unknown);
  REQUIRE(coding);
  CHECK(*coding == r.coding);
  CHECK(unknown == r.unknown);
}

TEST_CASE("205 has no content, and need not say so") {
  using kind = body_framing::kind_type;
  auto framing = framing_of(head_of("", 205), "GET");
  REQUIRE(framing);
  CHECK(framing->kind == kind::none);
  CHECK_FALSE(framing->keep_alive);
  CHECK(framing_of(head_of("Content-Length: 0\r\n", 205), "GET").value().keep_alive);
  CHECK(!framing_of(head_of("", 200), "GET"));
}
