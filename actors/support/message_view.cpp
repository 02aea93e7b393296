#include "actors/support/message_view.hpp"

#include "actors/support/trace_text.hpp"
#include "messages/interfaces.hpp"

#include <algorithm>
#include <array>
#include <type_traits>
#include <unordered_map>
#include <utility>

namespace sluice {

namespace {

// -- where a message belongs --------------------------------------------------------

message_place at(const slice& s, std::uint32_t page) {
  return {s.id, page, s.label};
}

template <class T>
message_place locate(const T& x) {
  if constexpr (std::is_same_v<T, page_outcome>)
    return at(x.request.slice, x.page); // its request may ask for another page already
  else if constexpr (requires { x.receipt.slice; })
    return at(x.receipt.slice, x.receipt.page);
  else if constexpr (requires { x.request.slice; })
    return at(x.request.slice, x.request.page);
  else if constexpr (requires {
                       x.slice.label;
                       x.page;
                     })
    return at(x.slice, x.page);
  else
    return {};
}

// -- what else a trace shows ----------------------------------------------------------

class writer {
public:
  writer(const trace_words& words, std::string& out) : words_(words), args_(out) {}

  template <class T>
  void number(std::string_view key, T n) {
    args_.number(key, n);
  }
  void flag(std::string_view key, bool on) { args_.flag(key, on); }
  void text(std::string_view key, std::string_view value) {
    args_.text(key, words_.secrets != nullptr ? trace_args::shortened(words_.secrets->apply(value), longest_text)
                                              : trace_args::shortened(value, longest_text));
  }
  /// A word of ours.
  void word(std::string_view key, std::string_view value) { args_.text(key, value); }
  void endpoint(endpoint_id e) { name("endpoint", words_.endpoints, e); }
  void stream(stream_index s) { name("stream", words_.streams, s); }
  void receipt(const page_receipt& r) {
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
    std::string streams;
    for (const auto& c : r.counts) {
      records += c.records;
      bytes += c.bytes;
      if (c.stream < words_.streams.size())
        streams += (streams.empty() ? "" : " ") + words_.streams[c.stream] + ":" + std::to_string(c.records);
    }
    number("records", records);
    number("bytes", bytes);
    flag("last", r.last);
    args_.text("streams", streams);
    if (r.slice.has_window)
      number("upper_us", r.slice.upper_us);
  }
  void keys(const std::vector<std::uint64_t>& fingerprints) {
    if (fingerprints.empty())
      return;
    static constexpr char digits[] = "0123456789abcdef";
    std::string json(fingerprints.size() * 17 + 1, ' ');
    auto at = json.begin();
    for (auto f : fingerprints) {
      *at++ = ' ';
      for (int shift = 60; shift >= 0; shift -= 4)
        *at++ = digits[f >> shift & 15];
    }
    json.front() = '"';
    json.back() = '"';
    args_.json("keys", json);
  }

private:
  void name(std::string_view key, const std::vector<std::string>& names, std::size_t i) {
    if (i < names.size())
      args_.text(key, names[i]);
    else
      args_.number(key, i);
  }

  const trace_words& words_;
  trace_args args_;
};

std::string_view text_of(page_result r) {
  switch (r) {
    case page_result::next_page:
      return "next_page";
    case page_result::slice_done:
      return "slice_done";
    case page_result::retry:
      return "retry";
    case page_result::unauthorized:
      return "unauthorized";
    case page_result::failed:
      break;
  }
  return "failed";
}

std::string_view text_of(state_cover c) {
  switch (c) {
    case state_cover::nothing:
      return "nothing";
    case state_cover::windows:
      return "windows";
    case state_cover::partitions:
      return "partitions";
    case state_cover::everything:
      break;
  }
  return "everything";
}

void show(const permit& x, writer& w) {
  w.number("ticket", x.ticket);
  w.number("attempt", x.request.attempt);
  w.number("queued_us", x.queued_us);
  w.number("quota_us", x.quota_us);
}
void show(const answer_arrived& x, writer& w) {
  w.number("ticket", x.ticket);
}

void show(const page_outcome& x, writer& w) {
  w.number("ticket", x.ticket);
  w.word("result", text_of(x.result));
  w.number("status", x.feedback.status);
  w.number("bytes", x.batch_bytes);
  w.number("took_us", x.took_us);
  if (x.result == page_result::retry)
    w.number("delay_us", x.delay_us);
  if (x.result == page_result::failed)
    w.text("error", x.error.message);
}
void show(const record_batch& x, writer& w) {
  w.receipt(x.receipt);
  w.keys(x.receipt.keys);
}
void show(const page_written& x, writer& w) {
  w.receipt(x.receipt);
}
void show(const slice_failed& x, writer& w) {
  w.text("error", x.error.message);
}
void show(const parent_batch& x, writer& w) {
  w.number("count", x.records.size());
  w.flag("last", x.last);
}
void show(const slice_demand& x, writer& w) {
  w.endpoint(x.endpoint);
  w.number("count", x.count);
}
void show(const slices_offered& x, writer& w) {
  w.endpoint(x.endpoint);
  w.number("count", x.slices.size());
  if (!x.slices.empty()) {
    w.number("first_slice_id", x.slices.front().id);
    w.number("last_slice_id", x.slices.back().id);
  }
}
void show(const slices_opened& x, writer& w) {
  w.endpoint(x.endpoint);
  w.number("count", x.count);
}
void show(const generation_done& x, writer& w) {
  w.endpoint(x.endpoint);
  w.flag("complete", x.complete);
}
void show(const parents_done& x, writer& w) {
  w.flag("complete", x.complete);
}
void show(const bytes_written& x, writer& w) {
  w.number("bytes", x.bytes);
}
void show(const quota_gone& x, writer& w) {
  w.word("policy", x.policy);
  w.number("resets_in_us", x.resets_in_us);
}
void show(const requests_spent& x, writer& w) {
  w.number("limit", x.limit);
}
void show(const records_enough& x, writer& w) {
  w.number("streams", x.streams.size());
}
void show(const throttled& x, writer& w) {
  w.flag("waiting", x.waiting);
  w.number("resets_in_us", x.resets_in_us);
}
void show(const slices_abandoned& x, writer& w) {
  w.endpoint(x.endpoint);
  w.number("count", x.count);
}
void show(const endpoint_given_up& x, writer& w) {
  w.endpoint(x.endpoint);
  w.number("failed", x.failed_slices);
}
void show(const credential_wanted& x, writer& w) {
  w.number("credential", x.id);
  w.number("refused", x.refused);
  if (x.token != 0)
    w.number("token", x.token);
}
void show(const credential_ready& x, writer& w) {
  w.number("credential", x.id);
  w.number("version", x.credential ? x.credential->version : 0);
  w.number("valid_us", x.valid_us);
  if (!x.quotas.empty())
    w.number("token", x.token);
}
void show(const credential_failed& x, writer& w) {
  w.number("credential", x.id);
  w.text("error", x.error.message);
  if (x.retry_us >= 0)
    w.number("retry_us", x.retry_us);
}
void show(const config_update& x, writer& w) {
  w.number("credential", x.id);
  w.number("changes", x.changes.size());
}
void show(const tick& x, writer& w) {
  w.number("generation", x.generation);
}
void show(const state_update& x, writer& w) {
  w.stream(x.stream);
  w.number("bytes", x.json.size());
  w.word("covers", text_of(x.covers));
  if (x.covers == state_cover::windows)
    w.number("through_us", x.through_us);
}
void show(const estimate& x, writer& w) {
  w.stream(x.stream);
  w.number("records", x.records);
  w.number("bytes", x.bytes);
}
void show(const status_update& x, writer& w) {
  w.stream(x.stream);
  w.word("status", to_string(x.status));
}
void show(const error_trace& x, writer& w) {
  if (x.has_stream)
    w.stream(x.stream);
  w.text("error", x.error.message);
}
void show(const log_entry& x, writer& w) {
  w.text("text", x.text);
}
void show(const flushed& x, writer& w) {
  w.flag("open", x.open);
}
void show(const output_closed& x, writer& w) {
  w.text("reason", x.reason);
}
void show(const stop_request& x, writer& w) {
  w.number("signal", x.signal);
}
void show(const stall_notice& x, writer& w) {
  w.text("finding", x.finding);
}
void show(const endpoint_done& x, writer& w) {
  w.endpoint(x.endpoint);
  w.number("slices", x.slices);
  w.number("failed", x.failed_slices);
  w.flag("complete", x.complete);
}
void show(const governor_report& x, writer& w) {
  w.number("requests", x.requests);
  w.number("in_flight", x.in_flight);
  w.number("queued", x.queued);
}
void show(const aggregator_report& x, writer& w) {
  w.number("states", x.states);
}
void show(const run_result& x, writer& w) {
  w.number("exit_code", x.exit_code);
}
void show(const retune& x, writer& w) {
  w.number("pool_size", x.pool_size);
  for (const auto& l : x.limits)
    w.number("limit " + l.policy, l.limit);
}
void show(const retuned& x, writer& w) {
  w.text("problem", x.problem);
}

// -- the table ---------------------------------------------------------------------------

template <class T>
message_traits traits(std::string_view name) {
  message_traits result;
  result.name = name;
  if constexpr (requires(const T& x) { x.receipt.slice; } || requires(const T& x) { x.request.slice; }
                || requires(const T& x) {
                     x.slice.label;
                     x.page;
                   })
    result.place = [](const caf::type_erased_tuple& content) { return locate(content.get_as<T>(0)); };
  if constexpr (requires(const T& x, writer& w) { show(x, w); })
    result.describe = [](const caf::type_erased_tuple& content, const trace_words& words, std::string& out) {
      writer w{words, out};
      show(content.get_as<T>(0), w);
    };
  return result;
}

using traits_table = std::unordered_map<message_kind, message_traits>;

traits_table make_table() {
  traits_table result;
  auto add = [&result]<class T>(std::type_identity<T>, std::string_view name) {
    result.emplace(kind_of(caf::make_rtti_pair<T>()), traits<T>(name));
  };
#define SLUICE_MESSAGE(type) add(std::type_identity<type>{}, #type)
  SLUICE_MESSAGE(permit);
  SLUICE_MESSAGE(answer_arrived);
  SLUICE_MESSAGE(page_outcome);
  SLUICE_MESSAGE(record_batch);
  SLUICE_MESSAGE(no_page);
  SLUICE_MESSAGE(page_written);
  SLUICE_MESSAGE(slice_failed);
  SLUICE_MESSAGE(parent_batch);
  SLUICE_MESSAGE(slice_demand);
  SLUICE_MESSAGE(slices_offered);
  SLUICE_MESSAGE(slices_opened);
  SLUICE_MESSAGE(generation_done);
  SLUICE_MESSAGE(parents_done);
  SLUICE_MESSAGE(bytes_written);
  SLUICE_MESSAGE(drain);
  SLUICE_MESSAGE(drained);
  SLUICE_MESSAGE(quota_gone);
  SLUICE_MESSAGE(requests_spent);
  SLUICE_MESSAGE(records_enough);
  SLUICE_MESSAGE(throttled);
  SLUICE_MESSAGE(slices_abandoned);
  SLUICE_MESSAGE(endpoint_given_up);
  SLUICE_MESSAGE(tick);
  SLUICE_MESSAGE(credential_wanted);
  SLUICE_MESSAGE(credential_ready);
  SLUICE_MESSAGE(credential_failed);
  SLUICE_MESSAGE(config_update);
  SLUICE_MESSAGE(state_update);
  SLUICE_MESSAGE(estimate);
  SLUICE_MESSAGE(status_update);
  SLUICE_MESSAGE(error_trace);
  SLUICE_MESSAGE(heartbeat);
  SLUICE_MESSAGE(log_entry);
  SLUICE_MESSAGE(flush_request);
  SLUICE_MESSAGE(flushed);
  SLUICE_MESSAGE(output_closed);
  SLUICE_MESSAGE(run_request);
  SLUICE_MESSAGE(stop_request);
  SLUICE_MESSAGE(finish_request);
  SLUICE_MESSAGE(finished);
  SLUICE_MESSAGE(endpoint_done);
  SLUICE_MESSAGE(report_request);
  SLUICE_MESSAGE(governor_report);
  SLUICE_MESSAGE(aggregator_report);
  SLUICE_MESSAGE(run_snapshot);
  SLUICE_MESSAGE(snapshot_shown);
  SLUICE_MESSAGE(run_result);
  SLUICE_MESSAGE(stall_notice);
  SLUICE_MESSAGE(retune);
  SLUICE_MESSAGE(retuned);
  SLUICE_MESSAGE(atom::join);
  SLUICE_MESSAGE(caf::exit_msg);
  SLUICE_MESSAGE(caf::down_msg);
  SLUICE_MESSAGE(caf::error);
#undef SLUICE_MESSAGE
  return result;
}

template <class T>
message_kind kind() {
  return kind_of(caf::make_rtti_pair<T>());
}

/// What takes a run from its beginning to its end, each step once. All else keeps time, tells people something, asks,
/// or is repeated as long as something lasts.
const std::array moving_kinds{
  // Frequent ones first: this is asked of each message.
  kind<page_outcome>(),      kind<permit>(),        kind<record_batch>(),      kind<page_written>(),
  kind<bytes_written>(),     kind<parent_batch>(),  kind<slices_offered>(),    kind<slices_opened>(),
  kind<slice_demand>(),      kind<no_page>(),       kind<run_request>(),       kind<atom::join>(),
  kind<slice_failed>(),      kind<parents_done>(),  kind<generation_done>(),   kind<slices_abandoned>(),
  kind<endpoint_given_up>(), kind<endpoint_done>(), kind<quota_gone>(),        kind<requests_spent>(),
  kind<stop_request>(),      kind<drain>(),         kind<drained>(),           kind<finish_request>(),
  kind<finished>(),          kind<output_closed>(), kind<credential_wanted>(), kind<credential_ready>(),
  kind<credential_failed>(), kind<config_update>(), kind<records_enough>(),    kind<answer_arrived>()};

} // namespace

const message_traits& traits_of(message_kind k) noexcept {
  static const auto table = make_table();
  static const message_traits unknown;
  auto found = table.find(k);
  return found != table.end() ? found->second : unknown;
}

std::string_view name_of(message_kind k) {
  return traits_of(k).name;
}

bool moves_run(message_kind k) noexcept {
  return std::find(moving_kinds.begin(), moving_kinds.end(), k) != moving_kinds.end();
}

} // namespace sluice
