#include "actors/support/log_sink.hpp"

#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <utility>

namespace sluice {

namespace {

/// What a message in a mailbox takes beside its text, about.
constexpr std::size_t message_bytes = 256;

log_level from_spdlog(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
      return log_level::trace;
    case spdlog::level::debug:
      return log_level::debug;
    case spdlog::level::warn:
      return log_level::warn;
    case spdlog::level::err:
      return log_level::error;
    case spdlog::level::critical:
      return log_level::fatal;
    default:
      return log_level::info;
  }
}

spdlog::level::level_enum to_spdlog(log_level level) {
  switch (level) {
    case log_level::trace:
      return spdlog::level::trace;
    case log_level::debug:
      return spdlog::level::debug;
    case log_level::info:
      return spdlog::level::info;
    case log_level::warn:
      return spdlog::level::warn;
    case log_level::error:
      return spdlog::level::err;
    case log_level::fatal:
      break;
  }
  return spdlog::level::critical;
}

} // namespace

bool log_backlog::enter(std::size_t text_bytes) {
  std::lock_guard guard{mutex_};
  const auto bytes = text_bytes + message_bytes;
  if (bytes_ + bytes > most_bytes) {
    ++refused_;
    return false;
  }
  bytes_ += bytes;
  return true;
}

std::uint64_t log_backlog::leave(std::size_t text_bytes) {
  std::lock_guard guard{mutex_};
  bytes_ -= text_bytes + message_bytes;
  return bytes_ == 0 ? std::exchange(refused_, 0) : 0;
}

log_sink::log_sink(writer fallback) : fallback_(std::move(fallback)) {}

void log_sink::attach(emitter_actor emitter) {
  std::lock_guard guard{mutex_};
  emitter_ = std::move(emitter);
}

void log_sink::detach() {
  std::lock_guard guard{mutex_};
  emitter_ = nullptr;
}

void log_sink::sink_it_(const spdlog::details::log_msg& msg) {
  std::string text{msg.payload.data(), msg.payload.size()};
  auto level = from_spdlog(msg.level);
  if (!emitter_)
    fallback_(level, text);
  else if (backlog_->enter(text.size()))
    caf::anon_send(emitter_, log_entry{level, std::move(text)});
}

void log_sink::flush_() {
  // nop: the emitter and the fallback write at once.
}

void install_logger(std::shared_ptr<log_sink> sink, log_level level) {
  auto logger = std::make_shared<spdlog::logger>("sluice", std::move(sink));
  logger->set_level(to_spdlog(level));
  spdlog::set_default_logger(std::move(logger));
}

} // namespace sluice
