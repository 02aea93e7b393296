#include "actors/support/trace_log.hpp"

#include "actors/support/trace_text.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sluice {

namespace {

constexpr std::size_t buffer_bytes = 128 << 10;
constexpr std::chrono::milliseconds longest_in_buffer{100};
/// How long the mark of a message from outside is: an arrow needs something to begin at.
constexpr std::chrono::microseconds outside_mark{1};

constexpr std::size_t most_labels = 1000;

constexpr std::string_view array_end = "\n]\n";

void add_head(std::string& out, char phase, std::uint64_t track) {
  out += R"({"ph":")";
  out += phase;
  out += R"(","pid":1,"tid":)";
  append_number(out, track);
}

std::string names_json(const std::vector<std::string>& names) {
  std::string result = "[";
  for (const auto& n : names)
    result += (result.size() > 1 ? "," : "") + json_string(n);
  return result + "]";
}

std::int64_t epoch_micros() {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

} // namespace

expected<std::unique_ptr<trace_log>> trace_log::open(trace_options options) {
  // Without waiting: a pipe whose reader does not read would hold up the whole run.
  int fd = ::open(options.file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0600);
  struct stat kind {};
  if (fd >= 0 && ::fstat(fd, &kind) == 0 && (S_ISFIFO(kind.st_mode) || S_ISSOCK(kind.st_mode))) {
    ::close(fd);
    return fail(errc::unreadable_file, failure_type::config_error,
                "The trace file " + options.file
                  + " is a pipe: if nobody read it, it would hold up the run. Name a file and read that.");
  }
  // A file that was there before keeps its mode.
  if (fd >= 0 && S_ISREG(kind.st_mode) && ::fchmod(fd, 0600) != 0) {
    const int problem = errno;
    ::close(fd);
    errno = problem;
    fd = -1;
  }
  if (fd < 0)
    return fail(errc::unreadable_file, failure_type::config_error,
                "The trace file " + options.file + " cannot be written: " + std::strerror(errno) + ".");
  return std::unique_ptr<trace_log>(new trace_log(fd, std::move(options)));
}

trace_log::trace_log(int fd, trace_options options)
  : fd_(fd), options_(std::move(options)), epoch_(flight_clock::now()), flushed_(epoch_), second_began_(epoch_) {
  words_ = {options_.endpoints, options_.streams, options_.secrets.get()};
  buffer_.reserve(buffer_bytes * 2);
  buffer_ = "[\n";
  append(R"({"ph":"M","pid":1,"tid":0,"name":"process_name","args":{"name":"sluice"}})");
  append(R"({"ph":"M","pid":1,"tid":0,"name":"sluice_trace","args":{"format":1,"version":)"
         + json_string(options_.version) + R"(,"epoch_us":)" + std::to_string(epoch_micros()) + R"(,"filter":)"
         + json_string(options_.filter.text()) + R"(,"limit":)"
         + json_string(options_.limit.messages > 0 ? options_.limit.text() : "") + R"(,"endpoints":)"
         + names_json(options_.endpoints) + R"(,"streams":)" + names_json(options_.streams) + "}}");
  append(R"({"ph":"M","pid":1,"tid":0,"name":"thread_name","args":{"name":"outside: timers, signals, logging"}})");
  flush();
}

trace_log::locked::~locked() {
  if (!std::exchange(log_.unsaid_, false))
    return;
  const auto reason = log_.off_reason_;
  lock_.unlock();
  spdlog::warn("The trace ends here: {}. The run goes on without it.", reason);
}

trace_log::~trace_log() {
  {
    const locked guard{*this};
    if (off_reason_.empty())
      off_reason_ = "the run ended";
    buffer_ += end_line();
    buffer_ += array_end;
    write_out();
  }
  ::close(fd_);
}

std::string trace_log::end_line() {
  std::string line = R"({"ph":"M","pid":1,"tid":0,"name":"sluice_end","args":{"messages":)" + std::to_string(messages_)
                     + R"(,"left_out":)" + std::to_string(left_out_) + R"(,"reason":)";
  append_json_string(line, off_reason_);
  return line + "}}";
}

void trace_log::introduce(std::uint64_t actor, std::string_view kind) {
  auto id = std::to_string(actor);
  auto head = R"({"ph":"M","pid":1,"tid":)" + id + R"(,"name":"thread_)";
  auto name = head + R"(name","args":{"name":)" + json_string(std::string{kind} + " #" + id) + "}}";
  auto order = head + R"(sort_index","args":{"sort_index":)" + id + "}}";
  const locked guard{*this};
  kinds_[actor] = kind;
  append(name);
  append(order);
}

std::string_view trace_log::kind_of_actor(std::uint64_t id) {
  auto found = kinds_.find(id);
  return found != kinds_.end() ? found->second : std::string_view{};
}

const std::string& trace_log::label_json(const message_place& place) {
  if (labels_.size() > most_labels)
    labels_.clear();
  auto& result = labels_[place.slice_id];
  if (result.empty())
    result = json_string(words_.secrets->apply(place.slice));
  return result;
}

bool trace_log::within_limit(flight_time now) {
  if (options_.limit.messages == 0)
    return true;
  if (!options_.limit.per_second)
    return messages_ < options_.limit.messages;
  if (now - second_began_ >= std::chrono::seconds{1}) {
    second_began_ = now;
    in_second_ = 0;
  }
  return ++in_second_ <= options_.limit.messages;
}

void trace_log::prepare(std::string& out, const trace_message& m, const caf::type_erased_tuple& content) {
  out.clear();
  const auto& traits = traits_of(m.kind);
  auto place = place_of(traits, content);
  thread_local std::string label;
  std::uint64_t number = 0;
  {
    const locked guard{*this};
    if (!on())
      return;
    if (!options_.filter.shows({traits.name, kind_of_actor(m.from), m.from, kind_of_actor(m.to), m.to, place.slice})) {
      ++left_out_;
      return;
    }
    if (!within_limit(m.began)) {
      ++left_out_;
      switch_off("its limit of " + options_.limit.text() + " is reached");
      return write_out();
    }
    number = ++messages_;
    if (place.slice_id != 0)
      label = label_json(place);
  }
  auto add_flow = [&](char phase, std::uint64_t track, flight_time at, std::string_view end) {
    add_head(out, phase, track);
    out += R"(,"ts":)";
    add_time(out, at);
    out += R"(,"id":)";
    append_number(out, number);
    out += R"(,"cat":"message","name":")";
    out += traits.name;
    out += end;
  };
  if (m.from == 0) {
    add_head(out, 'X', 0);
    out += R"(,"ts":)";
    add_time(out, m.sent);
    out += R"(,"dur":)";
    append_micros(out, outside_mark);
    out += R"(,"cat":"outside","name":")";
    out += traits.name;
    out += "\"},\n";
  }
  add_flow('s', m.from, m.sent, "\"},\n");
  add_flow('f', m.to, m.began, "\",\"bp\":\"e\"},\n");
  add_head(out, 'X', m.to);
  out += R"(,"cat":"message","name":")";
  out += traits.name;
  out += R"(","args":{"seq":)";
  append_number(out, number);
  trace_args args{out};
  args.number("from", m.from);
  out += R"(,"sent":)";
  add_time(out, m.sent);
  if (place.slice_id != 0) {
    out += R"(,"slice":)";
    out += label;
    args.number("slice_id", place.slice_id);
    args.number("page", place.page);
  }
  if (traits.describe != nullptr)
    traits.describe(content, words_, out);
  out += R"(},"ts":)";
  add_time(out, m.began);
  out += R"(,"dur":)";
}

void trace_log::finish(std::string& prepared, const trace_message& m, flight_time ended) noexcept {
  try {
    append_micros(prepared, ended - m.began);
    prepared += '}';
    const locked guard{*this};
    append(prepared);
  } catch (...) {
    // A trace that cannot be written must not end the run.
  }
}

bool trace_log::shows_span(const span& s, const message_place& place) {
  const locked guard{*this};
  return on()
         && options_.filter.shows(
           {s.category, kind_of_actor(s.actor), s.actor, kind_of_actor(s.actor), s.actor, place.slice});
}

namespace {

void add_span(std::string& out, char phase, const trace_log::span& s) {
  add_head(out, phase, s.actor);
  out += R"(,"cat":")";
  out += s.category;
  out += R"(","id":)";
  append_number(out, s.id);
  out += R"(,"name":)";
  append_json_string(out, s.name);
}

} // namespace

void trace_log::begin_span(const span& s, const message_place& place, flight_time at, std::string_view args) noexcept {
  try {
    if (!shows_span(s, place))
      return;
    std::string out;
    add_span(out, 'b', s);
    out += R"(,"ts":)";
    add_time(out, at);
    out += R"(,"args":{"slice":)";
    const locked guard{*this};
    out += label_json(place);
    trace_args more{out};
    more.number("slice_id", place.slice_id);
    more.number("page", place.page);
    out += args;
    out += "}}";
    append(out);
  } catch (...) {
    // nop
  }
}

void trace_log::end_span(const span& s, const message_place& place, flight_time at, std::string_view args) noexcept {
  try {
    if (!shows_span(s, place))
      return;
    std::string out;
    add_span(out, 'e', s);
    out += R"(,"ts":)";
    add_time(out, at);
    out += R"(,"args":{)";
    out += args.empty() ? args : args.substr(1);
    out += "}}";
    const locked guard{*this};
    append(out);
  } catch (...) {
    // nop
  }
}

void trace_log::counter(std::string_view name, std::string_view args, flight_time at) noexcept {
  if (!on() || args.empty())
    return;
  try {
    std::string out;
    add_head(out, 'C', 0);
    out += R"(,"ts":)";
    add_time(out, at);
    out += R"(,"name":)";
    append_json_string(out, name);
    out += R"(,"args":{)";
    out += args.substr(1);
    out += "}}";
    const locked guard{*this};
    append(out);
  } catch (...) {
    // nop
  }
}

std::string trace_log::masked(std::string_view text) const {
  return trace_args::shortened(words_.secrets->apply(text), longest_text);
}

void trace_log::add_time(std::string& out, flight_time t) const {
  append_micros(out, t - epoch_);
}

// -- the file ------------------------------------------------------------------------

/// With the lock held, but for the constructor.
void trace_log::append(std::string_view event) noexcept {
  if (!on())
    return;
  buffer_ += event;
  buffer_ += ",\n";
  if (written_bytes_ + buffer_.size() > options_.max_bytes) {
    switch_off("the file has reached " + std::to_string(options_.max_bytes) + " bytes (trace.max_bytes)");
    return write_out();
  }
  if (buffer_.size() >= buffer_bytes || flight_clock::now() - flushed_ >= longest_in_buffer)
    write_out();
}

void trace_log::flush() noexcept {
  const locked guard{*this};
  write_out();
}

void trace_log::write_out() noexcept {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    auto n = ::write(fd_, rest.data(), rest.size());
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0) {
      failed_ = true;
      if (on())
        switch_off(std::string{"the file cannot be written: "} + std::strerror(errno));
      break;
    }
    written_bytes_ += static_cast<std::uint64_t>(n);
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  buffer_.clear();
  flushed_ = flight_clock::now();
}

void trace_log::switch_off(const std::string& reason) noexcept {
  if (!on_.exchange(false))
    return;
  off_reason_ = reason;
  std::string mark;
  add_head(mark, 'i', 0);
  mark += R"(,"s":"g","ts":)";
  add_time(mark, flight_clock::now());
  mark += R"(,"name":"tracing switched off","args":{"reason":)" + json_string(reason) + "}},\n";
  buffer_ += mark;
  unsaid_ = true;
}

} // namespace sluice
