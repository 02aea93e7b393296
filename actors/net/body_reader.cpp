#include "actors/net/body_reader.hpp"

#include "actors/net/transport.hpp"
#include "messages/text/ascii.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

namespace sluice::net {

namespace {

/// One read takes at least so much, if it is there: a head and a small body, or the line after a chunk.
constexpr std::size_t read_ahead = 32 * 1024;
/// Holds the longest head, and a read beyond it.
constexpr std::size_t buffer_bytes = max_head_bytes + read_ahead;
/// A body's string grows by at least this much, and by no more than its own size.
constexpr std::size_t smallest_growth = 256 * 1024;
/// A string's capacity is a multiple of this, so that the next body fits in although it is a little larger.
constexpr std::size_t capacity_step = 32 * 1024;
/// So much is reserved for an announced length without seeing any of it: the system gives memory only where it is
/// written to, and a string that grows by and by is copied each time.
constexpr std::uint64_t reserved_at_once = 2 << 20;

io_error truncated(std::string_view where = {}) {
  return {errc::truncated_body, failure_type::transient_error, "the server closed the connection" + std::string{where},
          true};
}

io_error bad(std::string what) {
  return {errc::bad_response, failure_type::system_error, std::move(what)};
}

io_error too_large(std::uint64_t bound) {
  return {errc::body_too_large, failure_type::config_error,
          "the body is larger than " + std::to_string(bound) + " bytes (http.max_body_bytes)"};
}

/// The buffer that was given back last on this thread: what is read into next is at hand, and nobody waits for a lock.
std::unique_ptr<char[]>& spare_buffer() noexcept {
  thread_local std::unique_ptr<char[]> spare;
  return spare;
}

/// Where the blank line at the end of a head ends; `from` is where to begin to look for it.
std::optional<std::size_t> head_end(std::string_view text, std::size_t from) {
  for (auto line = text.find('\n', from); line != std::string_view::npos; line = text.find('\n', line + 1)) {
    const auto rest = text.substr(line + 1);
    if (rest.starts_with('\n'))
      return line + 2;
    if (rest.starts_with("\r\n"))
      return line + 3;
  }
  return std::nullopt;
}

/// `1a2b`, `1a2b;extension`.
std::optional<std::uint64_t> parse_chunk_size(std::string_view line) {
  const auto digits = trim(line.substr(0, std::min(line.find(';'), line.size())));
  if (digits.empty() || digits.size() > 16)
    return std::nullopt;
  std::uint64_t size = 0;
  for (char c : digits) {
    if (hex_value(c) < 0)
      return std::nullopt;
    size = size << 4 | static_cast<std::uint64_t>(hex_value(c));
  }
  return size;
}

} // namespace

void body_reader::target::make_room(std::uint64_t left) {
  if (filled < body.size())
    return;
  // What the string has from an earlier body is there anyway.
  const auto there = body.capacity() - std::min(body.capacity(), filled + body_padding);
  const auto step = std::max({smallest_growth, filled, there});
  const auto size = filled + static_cast<std::size_t>(std::min<std::uint64_t>(left, step));
  if (size + body_padding > body.capacity()) {
    // Memory that is too small by little would be doubled otherwise.
    if (filled == 0)
      std::string{}.swap(body);
    const auto wanted = std::max<std::uint64_t>(size, std::min<std::uint64_t>(filled + left, reserved_at_once));
    body.reserve((wanted + body_padding + capacity_step - 1) / capacity_step * capacity_step);
  }
  body.resize(size);
}

body_reader::~body_reader() {
  finish();
}

void body_reader::start(byte_source& source) {
  finish();
  source_ = &source;
  received_ = false;
}

void body_reader::finish() noexcept {
  begin_ = 0;
  end_ = 0;
  if (buffer_)
    spare_buffer() = std::move(buffer_);
}

task<io_result<bool>> body_reader::refill() {
  if (begin_ == end_) {
    finish();
    auto there = co_await source_->await_bytes();
    if (!there)
      co_return tl::unexpected{std::move(there.error())};
  } else if (buffer_bytes - end_ < read_ahead) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (!buffer_)
    buffer_ = spare_buffer() ? std::move(spare_buffer()) : std::make_unique_for_overwrite<char[]>(buffer_bytes);
  auto count = co_await source_->read_some(buffer_.get() + end_, buffer_bytes - end_);
  if (!count)
    co_return tl::unexpected{std::move(count.error())};
  end_ += *count;
  received_ = received_ || *count > 0;
  co_return *count > 0;
}

task<io_result<std::string>> body_reader::read_head() {
  constexpr std::string_view magic = "HTTP/";
  for (std::size_t scanned = 0;;) {
    const auto text = ahead();
    // Told at once: what is not HTTP may never bring the line end that is waited for.
    if (!text.starts_with(magic.substr(0, text.size())))
      co_return tl::unexpected{bad("the answer does not begin with an HTTP/1.x status line")};
    if (const auto end = head_end(text, scanned); end && *end <= max_head_bytes) {
      std::string head{text.substr(0, *end)};
      begin_ += *end;
      co_return head;
    }
    if (text.size() >= max_head_bytes)
      co_return tl::unexpected{
        bad("the header of the answer is longer than " + std::to_string(max_head_bytes) + " bytes")};
    scanned = text.size() - std::min<std::size_t>(text.size(), 2);
    const auto more = co_await refill();
    if (!more)
      co_return tl::unexpected{more.error()};
    if (!*more)
      co_return tl::unexpected{received_ ? truncated(" in the middle of the header")
                                         : io_error{errc::connection_failed, failure_type::transient_error,
                                                    "the server closed the connection without an answer", true}};
  }
}

std::size_t body_reader::take(std::uint64_t most, target& to) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(most, end_ - begin_));
  for (std::size_t left = count; left > 0;) {
    to.make_room(left);
    const auto size = std::min(left, to.body.size() - to.filled);
    std::memcpy(to.body.data() + to.filled, buffer_.get() + begin_, size);
    to.filled += size;
    begin_ += size;
    left -= size;
  }
  return count;
}

task<io_result<void>> body_reader::read_exactly(std::uint64_t length, target& to) {
  std::uint64_t left = length;
  left -= take(left, to);
  while (left > 0) {
    if (left < read_ahead) {
      // Through the buffer, because the line that follows a chunk comes along and saves a system call.
      const auto more = co_await refill();
      if (!more)
        co_return tl::unexpected{more.error()};
      if (!*more)
        co_return tl::unexpected{truncated()};
      left -= take(left, to);
      continue;
    }
    to.make_room(left);
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left, to.body.size() - to.filled));
    const auto count = co_await source_->read_some(to.body.data() + to.filled, size);
    if (!count)
      co_return tl::unexpected{count.error()};
    if (*count == 0)
      co_return tl::unexpected{truncated()};
    to.filled += *count;
    left -= *count;
  }
  co_return io_result<void>{};
}

task<io_result<std::string>> body_reader::read_line(std::size_t& limit) {
  for (std::size_t scanned = 0;;) {
    const auto text = ahead();
    const auto end = text.find('\n', scanned);
    if (std::min(end, text.size()) >= limit)
      co_return tl::unexpected{bad("the lines between and after the chunks are too long")};
    if (end != std::string_view::npos) {
      limit -= end + 1;
      auto line = text.substr(0, end);
      if (line.ends_with('\r'))
        line.remove_suffix(1);
      begin_ += end + 1;
      co_return std::string{line};
    }
    scanned = text.size();
    const auto more = co_await refill();
    if (!more)
      co_return tl::unexpected{more.error()};
    if (!*more)
      co_return tl::unexpected{truncated()};
  }
}

task<io_result<void>> body_reader::read_chunks(std::uint64_t bound, target& to) {
  for (;;) {
    std::size_t line_limit = max_head_bytes;
    const auto header = co_await read_line(line_limit);
    if (!header)
      co_return tl::unexpected{header.error()};
    const auto size = parse_chunk_size(*header);
    if (!size)
      co_return tl::unexpected{bad("a chunk of the body has no valid size")};
    if (*size == 0)
      break;
    if (*size > bound - to.filled)
      co_return tl::unexpected{too_large(bound)};
    auto chunk = co_await read_exactly(*size, to);
    if (!chunk)
      co_return chunk;
    const auto end = co_await read_line(line_limit);
    if (!end)
      co_return tl::unexpected{end.error()};
    if (!end->empty())
      co_return tl::unexpected{bad("a chunk of the body is longer than it says")};
  }
  // The trailers say nothing that is needed, but they must be off the connection before it is used again.
  for (std::size_t limit = max_head_bytes;;) {
    const auto trailer = co_await read_line(limit);
    if (!trailer)
      co_return tl::unexpected{trailer.error()};
    if (trailer->empty())
      co_return io_result<void>{};
  }
}

task<io_result<void>> body_reader::read_until_close(std::uint64_t bound, target& to) {
  take(bound + 1, to);
  while (to.filled <= bound) {
    to.make_room(std::min<std::uint64_t>(bound - to.filled + 1, std::max(smallest_growth, to.filled)));
    const auto count = co_await source_->read_some(to.body.data() + to.filled, to.body.size() - to.filled);
    if (!count)
      co_return tl::unexpected{count.error()};
    if (*count == 0)
      co_return io_result<void>{};
    to.filled += *count;
  }
  co_return tl::unexpected{too_large(bound)};
}

task<io_result<std::uint64_t>> body_reader::read_body(body_framing framing, std::uint64_t bound, std::string& body) {
  io_result<void> done;
  std::string total;
  target to{body};
  switch (framing.kind) {
    case body_framing::kind_type::none:
      break;
    case body_framing::kind_type::length:
      if (framing.length > bound)
        co_return tl::unexpected{too_large(bound)};
      total = " of " + std::to_string(framing.length);
      done = co_await read_exactly(framing.length, to);
      break;
    case body_framing::kind_type::chunked:
      done = co_await read_chunks(bound, to);
      break;
    case body_framing::kind_type::until_close:
      done = co_await read_until_close(bound, to);
      break;
  }
  body.resize(to.filled);
  if (done)
    co_return std::uint64_t{body.size()};
  auto problem = std::move(done.error());
  if (problem.lost)
    problem.code = errc::truncated_body;
  if (problem.lost || problem.code == errc::timed_out)
    problem.what += ", after " + std::to_string(body.size()) + total + " bytes of the body";
  co_return tl::unexpected{std::move(problem)};
}

} // namespace sluice::net
