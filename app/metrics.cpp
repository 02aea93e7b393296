#include "app/metrics.hpp"

#include "app/atomic_file.hpp"
#include "messages/text/ascii.hpp"
#include "messages/text/utf8.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace sluice {

namespace {

constexpr std::int64_t metrics_interval_us = 1'000'000;

using label = std::pair<const char*, std::string_view>;

/// Labels that metrics have of their own.
constexpr std::array<std::string_view, 11> own_labels{
  "stream", "status", "endpoint", "policy", "reason", "limiter", "kind", "condition", "le", "version", "connector"};

/// Writes families one after the other: HELP, TYPE, samples. A family without samples leaves nothing.
class exposition {
public:
  /// @param common labels of every sample, behind its own.
  explicit exposition(const std::vector<metrics_label>& common) : common_(common) {}

  void family(const char* name, const char* type, const char* help) {
    name_ = name;
    head_ = std::string{"# HELP "} + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
  }
  /// @param part of a histogram: `_bucket`, `_sum` or `_count`.
  void sample(std::initializer_list<label> labels, std::uint64_t value, const char* part = "") {
    line(labels, std::to_string(value), part);
  }
  void seconds(std::initializer_list<label> labels, std::int64_t us, const char* part = "") {
    char text[40];
    std::snprintf(text, sizeof text, "%.6f", static_cast<double>(us) / 1e6);
    line(labels, text, part);
  }
  std::string take() { return std::move(text_); }

private:
  void line(std::initializer_list<label> labels, const std::string& value, const char* part) {
    std::string sample = name_ + part;
    char before = '{';
    auto add = [&](std::string_view key, std::string_view text) {
      sample.append(1, before).append(key).append("=\"").append(escaped(text)).append("\"");
      before = ',';
    };
    for (const auto& [key, text] : labels)
      add(key, text);
    for (const auto& [key, text] : common_)
      add(key, text);
    sample += before == ',' ? "} " : " ";
    // Two things of one name would make two samples with the same labels, which spoils the whole file.
    if (!seen_.insert(sample).second)
      return;
    text_ += std::exchange(head_, {}) + sample + value + "\n";
  }
  static std::string escaped(std::string_view text) {
    // Names of files and arguments may be of any bytes; the format is UTF-8.
    const auto valid = as_valid_utf8(text);
    std::string result;
    for (char c : valid)
      switch (c) {
        case '\\':
          result += "\\\\";
          break;
        case '"':
          result += "\\\"";
          break;
        case '\n':
          result += "\\n";
          break;
        default:
          result += c;
      }
    return result;
  }

  const std::vector<metrics_label>& common_;
  std::string text_;
  std::string head_;
  std::string name_;
  std::set<std::string> seen_;
};

/// `0.25` of 250,000 microseconds.
std::string bound_text(std::int64_t us) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", static_cast<double>(us) / 1e6);
  return text;
}

void add_answers(exposition& out, const std::string& name, const endpoint_traffic& e) {
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i < e.answers.size(); ++i) {
    so_far += e.answers[i];
    out.sample({{"endpoint", name}, {"le", i < answer_classes_us.size() ? bound_text(answer_classes_us[i]) : "+Inf"}},
               so_far, "_bucket");
  }
  out.seconds({{"endpoint", name}}, e.answer_us, "_sum");
  out.sample({{"endpoint", name}}, so_far, "_count");
}

void add_streams(exposition& out, const run_snapshot& x) {
  const auto& streams = x.records.streams;
  out.family("sluice_stream_status", "gauge", "1 for the status that the stream has, 0 for the others.");
  for (const auto& s : streams)
    for (auto status : stream_phases)
      out.sample({{"stream", s.name}, {"status", to_string(status)}}, s.status == status ? 1 : 0);
  out.family("sluice_records_total", "counter", "Records written.");
  for (const auto& s : streams)
    out.sample({{"stream", s.name}}, s.records);
  out.family("sluice_record_bytes_total", "counter", "Bytes of the RECORD lines written.");
  for (const auto& s : streams)
    out.sample({{"stream", s.name}}, s.bytes);
  out.family("sluice_records_expected", "gauge", "Records of the whole sync, as far as the pages tell.");
  for (const auto& s : streams)
    if (s.records_expected >= 0)
      out.sample({{"stream", s.name}}, static_cast<std::uint64_t>(s.records_expected));
  out.family("sluice_pages_total", "counter", "Pages whose records are written; streams may share pages.");
  for (const auto& s : streams)
    out.sample({{"stream", s.name}}, s.pages);
  out.family("sluice_slices", "gauge", "Slices that are known, read to their end, and failed.");
  for (const auto& s : streams) {
    out.sample({{"stream", s.name}, {"condition", "known"}}, s.slices_known);
    out.sample({{"stream", s.name}, {"condition", "done"}}, s.slices_done);
    out.sample({{"stream", s.name}, {"condition", "failed"}}, s.slices_failed);
  }
  out.family("sluice_states_total", "counter", "STATE messages printed.");
  for (const auto& s : streams)
    out.sample({{"stream", s.name}}, s.states);
}

void add_endpoints(exposition& out, const run_snapshot& x) {
  const auto& names = x.records.endpoints;
  const auto& all = x.requests.endpoints;
  auto each = [&](auto&& add) {
    for (std::size_t i = 0; i < all.size(); ++i)
      add(i < names.size() ? names[i].name : std::to_string(i), all[i]);
  };
  out.family("sluice_requests_total", "counter", "Requests sent, retries included.");
  each([&](const std::string& name, const endpoint_traffic& e) { out.sample({{"endpoint", name}}, e.requests); });
  // Without numbers by endpoint there is still their sum.
  if (all.empty())
    out.sample({}, x.requests.requests);
  out.family("sluice_retries_total", "counter", "Requests that were sent again.");
  each([&](const std::string& name, const endpoint_traffic& e) { out.sample({{"endpoint", name}}, e.retries); });
  if (all.empty())
    out.sample({}, x.requests.retries);
  out.family("sluice_rate_limited_total", "counter", "Answers that said: too many requests (429).");
  each([&](const std::string& name, const endpoint_traffic& e) { out.sample({{"endpoint", name}}, e.rate_limited); });
  if (all.empty())
    out.sample({}, x.requests.rate_limited);
  out.family("sluice_request_seconds", "histogram", "From sending a request to the end of its answer.");
  each([&](const std::string& name, const endpoint_traffic& e) { add_answers(out, name, e); });
  out.family("sluice_requests_in_flight", "gauge", "Requests that wait for their answer.");
  each([&](const std::string& name, const endpoint_traffic& e) { out.sample({{"endpoint", name}}, e.in_flight); });
  if (all.empty())
    out.sample({}, x.requests.in_flight);
  out.family("sluice_requests_queued", "gauge", "Requests that are ready, or wait for their retry.");
  each([&](const std::string& name, const endpoint_traffic& e) { out.sample({{"endpoint", name}}, e.queued); });
  if (all.empty())
    out.sample({}, x.requests.queued);
  out.family("sluice_queue_seconds_total", "counter",
             "Time that requests were ready and not sent, summed over requests: for a quota, or for another reason.");
  each([&](const std::string& name, const endpoint_traffic& e) {
    out.seconds({{"endpoint", name}, {"reason", "quota"}}, e.quota_us);
    out.seconds({{"endpoint", name}, {"reason", "other"}}, std::max<std::int64_t>(0, e.queued_us - e.quota_us));
  });
}

void add_bounds(exposition& out, const run_snapshot& x) {
  const auto& r = x.requests;
  out.family("sluice_pool_size", "gauge", "Requests in flight at most.");
  out.sample({}, x.pool_size);
  out.family("sluice_quota_limit", "gauge", "Requests that a rate policy allows in its window.");
  for (const auto& q : r.quotas)
    out.sample({{"policy", q.policy}}, q.limit);
  out.family("sluice_quota_used", "gauge", "Requests that count against a rate policy now.");
  for (const auto& q : r.quotas)
    out.sample({{"policy", q.policy}}, q.used);
  out.family("sluice_quota_reset_seconds", "gauge", "Until the whole limit is free if nothing more is sent.");
  for (const auto& q : r.quotas)
    if (q.resets_in_us >= 0)
      out.seconds({{"policy", q.policy}}, q.resets_in_us);
  out.family("sluice_limiter_seconds_total", "counter", "How long the run was limited by what.");
  const auto& l = r.limiters;
  const std::array<std::pair<const char*, std::int64_t>, 8> limiters{{{"pool", l.pool_us},
                                                                      {"quota", l.quota_us},
                                                                      {"output", l.output_us},
                                                                      {"fan_out", l.fan_out_us},
                                                                      {"backoff", l.backoff_us},
                                                                      {"memory", l.memory_us},
                                                                      {"credential", l.credential_us},
                                                                      {"work", l.work_us}}};
  for (const auto& [name, us] : limiters)
    out.seconds({{"limiter", name}}, us);
  out.family("sluice_output_credit_bytes", "gauge", "Bytes of output that are reserved or not yet written.");
  out.sample({}, r.credit_used_bytes);
}

void add_actors(exposition& out, const run_snapshot& x) {
  using gauge = actor_gauge;
  const auto& all = x.actors;
  out.family("sluice_actors", "gauge", "Actors of a kind.");
  for (const auto& a : all)
    out.sample({{"kind", a.kind}}, a.count);
  out.family("sluice_actor_messages_total", "counter", "Messages handled.");
  for (const auto& a : all)
    out.sample({{"kind", a.kind}}, a.messages);
  const auto time = [&](const char* name, const char* help, std::int64_t gauge::*member) {
    out.family(name, "counter", help);
    for (const auto& a : all)
      out.seconds({{"kind", a.kind}}, a.*member);
  };
  time("sluice_actor_busy_seconds_total", "Time inside handlers, working, summed over the actors.", &gauge::busy_us);
  time("sluice_actor_waiting_seconds_total",
       "Time inside handlers, waiting for a server or for whoever reads stdout or stderr.", &gauge::waiting_us);
  time("sluice_actor_idle_seconds_total", "Time outside of handlers.", &gauge::idle_us);
  out.family("sluice_mailbox_messages", "gauge", "Messages in the mailboxes.");
  for (const auto& a : all)
    out.sample({{"kind", a.kind}}, a.mailbox);
  out.family("sluice_mailbox_high_water", "gauge", "Most messages that one mailbox held.");
  for (const auto& a : all)
    out.sample({{"kind", a.kind}}, a.mailbox_high);
  out.family("sluice_mailbox_oldest_seconds", "gauge", "How long the oldest message in a mailbox has been waiting.");
  for (const auto& a : all)
    out.seconds({{"kind", a.kind}}, a.oldest_us);
}

constexpr std::string_view last_success = "sluice_last_success_timestamp_seconds";

/// What the file of an earlier run says of the last success; 0: nothing.
std::int64_t last_success_in(const std::string& path) {
  // One of ours is some ten kilobytes.
  constexpr std::uintmax_t largest = 4 << 20;
  std::error_code problem;
  if (!std::filesystem::is_regular_file(path, problem) || std::filesystem::file_size(path, problem) > largest)
    return 0;
  std::ifstream in{path};
  for (std::string line; std::getline(in, line);)
    if (line.compare(0, last_success.size(), last_success) == 0)
      return std::strtoll(line.c_str() + line.find_last_of(' ') + 1, nullptr, 10);
  return 0;
}

void add_identity(exposition& out, const run_snapshot& x, const metrics_identity& of, const metrics_phase& phase) {
  out.family("sluice_up", "gauge", "1 while the run is on, 0 when it has ended.");
  out.sample({}, phase.up ? 1 : 0);
  out.family("sluice_build_info", "gauge", "1; the labels say what runs.");
  out.sample({{"version", of.version}, {"connector", of.connector}}, 1);
  out.family("sluice_start_timestamp_seconds", "gauge", "When the run began, seconds since 1970.");
  if (of.started_s > 0)
    out.sample({}, static_cast<std::uint64_t>(of.started_s));
  out.family("sluice_exit_code", "gauge", "The exit code of the run, once it has ended.");
  if (phase.exit_code)
    out.sample({}, static_cast<std::uint64_t>(std::max(0, *phase.exit_code)));
  out.family(last_success.data(), "gauge", "When a run last ended with exit code 0, seconds since 1970.");
  if (auto now = of.started_s + x.elapsed_us / 1'000'000; phase.exit_code == 0)
    out.sample({}, static_cast<std::uint64_t>(now));
  else if (of.last_success_s > 0)
    out.sample({}, static_cast<std::uint64_t>(of.last_success_s));
  out.family("sluice_elapsed_seconds", "gauge", "How long the run has been on.");
  out.seconds({}, x.elapsed_us);
}

} // namespace

expected<metrics_label> parse_metrics_label(std::string_view text) {
  const auto wrong = [&](const std::string& why) {
    return fail(errc::bad_config, failure_type::config_error, "'" + std::string{text} + "' " + why);
  };
  const auto at = text.find('=');
  const auto name = text.substr(0, at);
  constexpr auto of_a_name = ascii_letters | ascii_digits | char_set{"_"};
  if (at == std::string_view::npos || name.empty() || !of_a_name.covers(name) || is_digit(name.front()))
    return wrong("is no label: write NAME=VALUE with a name of letters, digits and _");
  if (std::find(own_labels.begin(), own_labels.end(), name) != own_labels.end() || name.substr(0, 2) == "__")
    return wrong("names a label that metrics have of their own: choose another name");
  return metrics_label{name, text.substr(at + 1)};
}

metrics_target metrics_target_of(const std::string& path, std::vector<metrics_label> labels, std::string version,
                                 std::string connector, std::int64_t now_s) {
  metrics_target to{path, {{}, std::move(version), std::move(connector), now_s, last_success_in(path)}};
  // The last one of a name counts, as with every option.
  for (auto& x : labels) {
    auto known
      = std::find_if(to.of.labels.begin(), to.of.labels.end(), [&](const auto& l) { return l.first == x.first; });
    if (known != to.of.labels.end())
      known->second = std::move(x.second);
    else
      to.of.labels.push_back(std::move(x));
  }
  if (std::none_of(to.of.labels.begin(), to.of.labels.end(), [](const auto& l) { return l.first == "run"; }))
    to.of.labels.emplace_back("run", std::filesystem::path{path}.stem().string());
  return to;
}

std::string metrics_text(const run_snapshot& x, const metrics_identity& of, const metrics_phase& phase) {
  exposition out{of.labels};
  add_identity(out, x, of, phase);
  if (x.left_us >= 0) {
    out.family("sluice_left_seconds", "gauge", "How long the rest takes, at the rate of this run and in its quotas.");
    out.seconds({}, x.left_us);
  }
  if (x.requests_left >= 0) {
    out.family("sluice_requests_left", "gauge", "Requests that are still to be sent.");
    out.sample({}, static_cast<std::uint64_t>(x.requests_left));
  }
  add_streams(out, x);
  add_endpoints(out, x);
  add_bounds(out, x);
  add_actors(out, x);
  if (x.resident_bytes > 0) {
    out.family("sluice_resident_memory_bytes", "gauge", "Resident memory of the process.");
    out.sample({}, x.resident_bytes);
  }
  out.family("sluice_processor_seconds_total", "counter", "Processor time of the process.");
  out.seconds({}, x.processor_us);
  return out.take();
}

expected<void> write_metrics(const metrics_target& to, const run_snapshot& x, const metrics_phase& phase) {
  return replace_file(to.path, metrics_text(x, to.of, phase), 0644, "metrics file");
}

void metrics_state::take(const run_snapshot& x) {
  if (x.elapsed_us - written_us < metrics_interval_us)
    return;
  written_us = x.elapsed_us;
  outside_wait waiting{*record, outside::file, "the metrics"};
  auto written = write_metrics(to, x, {});
  if (!written && !std::exchange(warned, true))
    spdlog::warn("{} The run goes on; the numbers in it are old.", written.error().message);
}

observer_actor::behavior_type metrics(metrics_self* self, metrics_target to) {
  install_handlers(self);
  self->state.to = std::move(to);
  return {
    [self](const run_snapshot& x) {
      self->state.take(x);
      return snapshot_shown{};
    },
  };
}

} // namespace sluice
