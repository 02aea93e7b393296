#include "app/collect.hpp"

#include "messages/protocol.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace sluice {

namespace {

/// What a CONTROL line with a config begins with, where the config begins in it, and what follows it.
constexpr std::string_view config_begin = R"({"type":"CONTROL",)";
constexpr std::string_view config_key = R"("connectorConfig":{"config":)";
constexpr std::string_view config_end = "}}}";

/// Keeps the records of a run's lines, and ends the run when it has enough of them or an error comes. Written to by the
/// emitter alone; read when the run is over.
class record_keeper final : public line_writer {
public:
  record_keeper(const plan& p, const collect_limits& limits, std::shared_ptr<line_writer> out)
    : limits_(limits), out_(std::move(out)) {
    for (const auto& s : p.streams)
      streams_.push_back({s.name, record_prefix({s.name, s.name_space})});
  }

  /// Before the first line: how the run is ended.
  void on_enough(std::function<void()> stop) { stop_ = std::move(stop); }

  expected<void> write(std::string_view text) override {
    while (!text.empty()) {
      auto line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(line.size() + 1, text.size()));
      if (line.starts_with(config_begin))
        if (auto written = pass_on(line); !written)
          return written;
      take(line);
    }
    return {};
  }

  std::vector<collected_record> take_records() { return std::move(records_); }
  /// The newest config that was printed, JSON text; empty: none.
  std::string take_config() { return std::move(config_); }
  /// The bounds on records or bytes are reached.
  bool full() const { return full_; }

private:
  struct known_stream {
    std::string name;
    /// What its RECORD lines begin with.
    std::string prefix;
  };

  /// Whoever runs the connector must keep a config that has changed, whatever the run is for.
  expected<void> pass_on(std::string_view line) {
    const auto begin = line.find(config_key) + config_key.size();
    config_ = line.substr(begin, line.size() - begin - config_end.size());
    return out_ ? out_->write(std::string{line} + "\n") : expected<void>{};
  }

  void take(std::string_view line) {
    if (full_)
      return;
    if (line.starts_with(R"({"type":"TRACE","trace":{"type":"ERROR")"))
      return stop();
    for (const auto& s : streams_)
      if (line.starts_with(s.prefix))
        return keep(s.name, line.substr(s.prefix.size(), line.rfind(R"(,"emitted_at":)") - s.prefix.size()));
  }

  void keep(const std::string& stream, std::string_view json) {
    full_ = records_.size() >= limits_.records || json.size() > limits_.bytes - bytes_;
    if (!full_) {
      bytes_ += json.size();
      records_.push_back({stream, std::string{json}});
      full_ = records_.size() >= limits_.records;
    }
    if (full_)
      stop();
  }

  void stop() {
    if (!std::exchange(stopping_, true) && stop_)
      stop_();
  }

  collect_limits limits_;
  std::shared_ptr<line_writer> out_;
  std::string config_;
  std::vector<known_stream> streams_;
  std::vector<collected_record> records_;
  std::uint64_t bytes_ = 0;
  bool full_ = false;
  bool stopping_ = false;
  std::function<void()> stop_;
};

collect_end end_of_collection(const run_result& x, bool full, const collect_limits& limits) {
  if (full)
    return collect_end::enough;
  if (x.has_error || x.exit_code == 1)
    return collect_end::failed;
  if (x.exit_code == 0)
    return collect_end::complete;
  if (x.snapshot.requests.requests >= limits.requests)
    return collect_end::requests;
  return x.exit_code == 3 && x.snapshot.elapsed_us >= limits.time.count() ? collect_end::time : collect_end::stopped;
}

} // namespace

expected<collection> collect(plan_ptr plan, const collect_limits& limits, run_options options) {
  auto keeper = std::make_shared<record_keeper>(*plan, limits, options.out);
  options.out = keeper;
  options.max_requests = limits.requests;
  options.max_duration = limits.time;
  options.on_start = [keeper](std::function<void()> stop) { keeper->on_enough(std::move(stop)); };
  auto ended = run_plan(std::move(plan), options);
  if (!ended)
    return tl::unexpected(ended.error());
  collection result;
  result.end = end_of_collection(*ended, keeper->full(), limits);
  result.records = keeper->take_records();
  result.config = keeper->take_config();
  if (ended->has_error)
    result.error = ended->first_error;
  result.run = std::move(*ended);
  return result;
}

} // namespace sluice
