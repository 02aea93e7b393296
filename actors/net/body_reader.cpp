#include "actors/net/body_reader.hpp"

#include "actors/net/ascii.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace sluice::net {

namespace {

/// Read-ahead: holds a usual head and the first chunks of a body.
constexpr std::size_t read_ahead = 16 * 1024;
/// A body's string grows by at least this much, and by no more than its own size: an announced length is only a claim.
constexpr std::size_t smallest_growth = 256 * 1024;

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

std::size_t growth_of(const std::string& body) {
  return std::max(smallest_growth, body.size());
}

} // namespace

void body_reader::start(byte_source& source) {
  source_ = &source;
  buffer_.clear();
  begin_ = 0;
  received_ = false;
}

io_result<bool> body_reader::refill() {
  if (begin_ > 0) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  const auto filled = buffer_.size();
  buffer_.resize(filled + read_ahead);
  auto count = source_->read_some(buffer_.data() + filled, read_ahead);
  buffer_.resize(filled + count.value_or(0));
  if (!count)
    return tl::unexpected{std::move(count.error())};
  received_ = received_ || *count > 0;
  return *count > 0;
}

io_result<std::string> body_reader::read_head() {
  constexpr std::string_view magic = "HTTP/";
  for (std::size_t scanned = 0;;) {
    const auto text = std::string_view{buffer_}.substr(begin_);
    // Told at once: what is not HTTP may never bring the line end that is waited for.
    if (!text.starts_with(magic.substr(0, text.size())))
      return tl::unexpected{bad("the answer does not begin with an HTTP/1.x status line")};
    if (const auto end = head_end(text, scanned); end && *end <= max_head_bytes) {
      std::string head{text.substr(0, *end)};
      begin_ += *end;
      return head;
    }
    if (text.size() >= max_head_bytes)
      return tl::unexpected{
        bad("the header of the answer is longer than " + std::to_string(max_head_bytes) + " bytes")};
    scanned = text.size() - std::min<std::size_t>(text.size(), 2);
    const auto more = refill();
    if (!more)
      return tl::unexpected{more.error()};
    if (!*more)
      return tl::unexpected{received_ ? truncated(" in the middle of the header")
                                      : io_error{errc::connection_failed, failure_type::transient_error,
                                                 "the server closed the connection without an answer", true}};
  }
}

std::size_t body_reader::take(std::uint64_t most, std::string& body) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(most, buffer_.size() - begin_));
  body.append(buffer_, begin_, count);
  begin_ += count;
  return count;
}

io_result<std::size_t> body_reader::fill(std::size_t size, std::string& body) {
  const auto start = body.size();
  body.resize(start + size);
  for (std::size_t filled = 0; filled < size;) {
    const auto count = source_->read_some(body.data() + start + filled, size - filled);
    filled += count.value_or(0);
    if (!count || *count == 0) {
      body.resize(start + filled);
      return count ? io_result<std::size_t>{filled} : count;
    }
  }
  return size;
}

io_result<void> body_reader::read_exactly(std::uint64_t length, std::string& body) {
  std::uint64_t left = length;
  left -= take(left, body);
  while (left > 0) {
    if (left < read_ahead) {
      // Through the buffer, because the line that follows a chunk comes along and saves a system call.
      const auto more = refill();
      if (!more)
        return tl::unexpected{more.error()};
      if (!*more)
        return tl::unexpected{truncated()};
      left -= take(left, body);
      continue;
    }
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left, growth_of(body)));
    const auto count = fill(size, body);
    if (!count)
      return tl::unexpected{count.error()};
    if (*count < size)
      return tl::unexpected{truncated()};
    left -= size;
  }
  return {};
}

io_result<std::string> body_reader::read_line(std::size_t& limit) {
  for (std::size_t scanned = 0;;) {
    const auto text = std::string_view{buffer_}.substr(begin_);
    const auto end = text.find('\n', scanned);
    if (std::min(end, text.size()) >= limit)
      return tl::unexpected{bad("the lines between and after the chunks are too long")};
    if (end != std::string_view::npos) {
      limit -= end + 1;
      auto line = text.substr(0, end);
      if (line.ends_with('\r'))
        line.remove_suffix(1);
      begin_ += end + 1;
      return std::string{line};
    }
    scanned = text.size();
    const auto more = refill();
    if (!more)
      return tl::unexpected{more.error()};
    if (!*more)
      return tl::unexpected{truncated()};
  }
}

io_result<void> body_reader::read_chunks(std::uint64_t bound, std::string& body) {
  for (;;) {
    std::size_t line_limit = max_head_bytes;
    const auto header = read_line(line_limit);
    if (!header)
      return tl::unexpected{header.error()};
    const auto size = parse_chunk_size(*header);
    if (!size)
      return tl::unexpected{bad("a chunk of the body has no valid size")};
    if (*size == 0)
      break;
    if (*size > bound - body.size())
      return tl::unexpected{too_large(bound)};
    if (auto chunk = read_exactly(*size, body); !chunk)
      return chunk;
    const auto end = read_line(line_limit);
    if (!end)
      return tl::unexpected{end.error()};
    if (!end->empty())
      return tl::unexpected{bad("a chunk of the body is longer than it says")};
  }
  // The trailers say nothing that is needed, but they must be off the connection before it is used again.
  for (std::size_t limit = max_head_bytes;;) {
    const auto trailer = read_line(limit);
    if (!trailer)
      return tl::unexpected{trailer.error()};
    if (trailer->empty())
      return {};
  }
}

io_result<void> body_reader::read_until_close(std::uint64_t bound, std::string& body) {
  take(bound + 1, body);
  while (body.size() <= bound) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(bound - body.size() + 1, growth_of(body)));
    const auto count = fill(size, body);
    if (!count)
      return tl::unexpected{count.error()};
    if (*count < size)
      return {};
  }
  return tl::unexpected{too_large(bound)};
}

io_result<std::uint64_t> body_reader::read_body(const body_framing& framing, std::uint64_t bound, std::string& body) {
  body.clear();
  io_result<void> done;
  std::string total;
  switch (framing.kind) {
    case body_framing::kind_type::none:
      break;
    case body_framing::kind_type::length:
      if (framing.length > bound)
        return tl::unexpected{too_large(bound)};
      total = " of " + std::to_string(framing.length);
      done = read_exactly(framing.length, body);
      break;
    case body_framing::kind_type::chunked:
      done = read_chunks(bound, body);
      break;
    case body_framing::kind_type::until_close:
      done = read_until_close(bound, body);
      break;
  }
  if (done)
    return body.size();
  auto problem = std::move(done.error());
  if (problem.lost)
    problem.code = errc::truncated_body;
  if (problem.lost || problem.code == errc::timed_out)
    problem.what += ", after " + std::to_string(body.size()) + total + " bytes of the body";
  return tl::unexpected{std::move(problem)};
}

} // namespace sluice::net
