#pragma once

#include "actors/net/transport.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::net {

/// Status line and header fields of an answer.
struct response_head {
  int status = 0;
  /// The minor version of HTTP/1.
  int minor_version = 1;
  std::string reason;
  header_list headers;
};

/// Most header fields that an answer may have.
inline constexpr std::size_t max_header_fields = 256;

/// Reads a complete head, the blank line at its end included. Lines may end in LF alone; everything else must be as
/// RFC 9112 has it. Fails with what is wrong, as the second half of a sentence.
tl::expected<response_head, std::string> parse_response_head(std::string_view text);

/// How long the body is, and what becomes of the connection after it.
struct body_framing {
  enum class kind_type { none, length, chunked, until_close };
  kind_type kind = kind_type::none;
  /// For `length`.
  std::uint64_t length = 0;
  bool keep_alive = false;
};

/// The framing of the answer to a request with `method` (RFC 9112, 6.3). Fails where the length cannot be known: a body
/// that nothing delimits could be cut off without anybody noticing.
tl::expected<body_framing, std::string> framing_of(const response_head& head, std::string_view method);

/// How the content is compressed.
enum class content_coding { identity, gzip, deflate };

/// What `Content-Encoding` says. Fails for codings that exist but are not supported, and for several at once. Names
/// that are no coding, of which servers send many (`utf-8`, `none`, `aws-chunked`), say nothing about the body: they
/// come back in `unknown`, separated by commas.
tl::expected<content_coding, std::string> coding_of(const response_head& head, std::string* unknown = nullptr);

} // namespace sluice::net
