#pragma once

#include "actors/net/connection.hpp"
#include "actors/net/response_head.hpp"
#include "actors/net/task.hpp"
#include "actors/net/wait.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sluice::net {

/// Most bytes of a response's head, and of the trailers of a chunked body.
inline constexpr std::size_t max_head_bytes = 64 * 1024;

/// Reads answers off a connection: heads and chunk headers out of a small buffer, bodies straight into the caller's
/// string. What is not complete is an error; the end of the connection ends a body only where nothing else can. The
/// buffer is there only while something is in it, or may be at once: a connection that waits for its server has none.
class body_reader {
public:
  body_reader() = default;
  ~body_reader();
  body_reader(const body_reader&) = delete;
  body_reader& operator=(const body_reader&) = delete;

  /// Starts to read from `source`, which must live as long as it is read from. Forgets what is in the buffer.
  void start(byte_source& source);

  /// The next head, up to and including its blank line.
  task<io_result<std::string>> read_head();

  /// Replaces `body` by the body, in the memory that the string has. Returns its bytes as they came (before any
  /// decompression). A body of more than `bound` bytes is an error, told before they are read where the length is
  /// announced.
  task<io_result<std::uint64_t>> read_body(body_framing framing, std::uint64_t bound, std::string& body);

  /// Nothing more is read: gives the buffer back, with what may be left in it.
  void finish() noexcept;

  /// Whether any byte came since `start`.
  bool has_received() const noexcept { return received_; }

  /// Whether there are bytes that belong to nothing read so far.
  bool has_leftover() const noexcept { return begin_ < end_; }

private:
  /// A body under way: the beginning of a string, whose rest is room.
  struct target {
    std::string& body;
    std::size_t filled = 0;

    /// Lets the string grow for `left` more bytes, step by step: an announced length is only a claim.
    void make_room(std::uint64_t left);
  };

  /// What was read ahead.
  std::string_view ahead() const noexcept { return {buffer_.get() + begin_, end_ - begin_}; }
  /// Reads once more into the buffer; false at the end of the connection.
  task<io_result<bool>> refill();
  /// Moves bytes out of the buffer to the body, at most `most`. Returns how many.
  std::size_t take(std::uint64_t most, target& to);
  task<io_result<void>> read_exactly(std::uint64_t length, target& to);
  task<io_result<void>> read_chunks(std::uint64_t bound, target& to);
  task<io_result<void>> read_until_close(std::uint64_t bound, target& to);
  /// A line without its end; `limit` counts down the bytes that lines may still have.
  task<io_result<std::string>> read_line(std::size_t& limit);

  byte_source* source_ = nullptr;
  /// Bytes read ahead: from `begin_` to `end_`.
  std::unique_ptr<char[]> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool received_ = false;
};

} // namespace sluice::net
