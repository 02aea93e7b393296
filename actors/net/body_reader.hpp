#pragma once

#include "actors/net/connection.hpp"
#include "actors/net/response_head.hpp"
#include "actors/net/wait.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::net {

/// Most bytes of a response's head, and of the trailers of a chunked body.
inline constexpr std::size_t max_head_bytes = 64 * 1024;

/// Reads answers off a connection: heads and chunk headers out of a small buffer, bodies straight into the caller's
/// string. What is not complete is an error; the end of the connection ends a body only where nothing else can.
class body_reader {
public:
  /// Starts to read from `source`, which must live as long as it is read from. Forgets what is in the buffer.
  void start(byte_source& source);

  /// The next head, up to and including its blank line.
  io_result<std::string> read_head();

  /// Appends the body to `body`. Returns its bytes as they came (before any decompression). A body of more than `bound`
  /// bytes is an error, told before they are read where the length is announced.
  io_result<std::uint64_t> read_body(const body_framing& framing, std::uint64_t bound, std::string& body);

  /// Whether any byte came since `start`.
  bool has_received() const noexcept { return received_; }

  /// Whether there are bytes that belong to nothing read so far.
  bool has_leftover() const noexcept { return begin_ < buffer_.size(); }

private:
  /// Reads once more into the buffer; false at the end of the connection.
  io_result<bool> refill();
  /// Moves bytes out of the buffer to the end of `body`, at most `most`. Returns how many.
  std::size_t take(std::uint64_t most, std::string& body);
  /// Reads off the connection to the end of `body`. Returns how many bytes came: fewer than `size` only at the end.
  io_result<std::size_t> fill(std::size_t size, std::string& body);
  io_result<void> read_exactly(std::uint64_t length, std::string& body);
  io_result<void> read_chunks(std::uint64_t bound, std::string& body);
  io_result<void> read_until_close(std::uint64_t bound, std::string& body);
  /// A line without its end; `limit` counts down the bytes that lines may still have.
  io_result<std::string> read_line(std::size_t& limit);

  byte_source* source_ = nullptr;
  /// Bytes read ahead: from `begin_` to the end.
  std::string buffer_;
  std::size_t begin_ = 0;
  bool received_ = false;
};

} // namespace sluice::net
