#include "app/trace/story.hpp"

#include "app/text/numbers.hpp"
#include "messages/text/durations.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>

namespace sluice::trace {

std::vector<story_event> story_of(const model& m, const std::vector<const slice_life*>& slices) {
  std::vector<story_event> result;
  for (const auto* s : slices) {
    for (auto i : s->messages)
      result.push_back({m.messages[i].begin_ns, &m.messages[i]});
    for (auto i : s->requests)
      result.push_back({m.end_of(m.requests[i]), nullptr, &m.requests[i]});
    for (auto i : s->quota_waits)
      result.push_back({m.end_of(m.quota_waits[i]), nullptr, nullptr, &m.quota_waits[i]});
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const story_event& a, const story_event& b) { return a.at_ns < b.at_ns; });
  return result;
}

namespace {

void add(std::string& text, const std::string& part) {
  text += (text.empty() ? "" : ", ") + part;
}

std::string note(const model&, const permit_args& x) {
  std::string text;
  if (x.again)
    add(text, "tried again at the end");
  else if (x.attempt > 0)
    add(text, "try " + std::to_string(std::uint64_t{x.attempt} + 1));
  if (x.queued_ns >= 1'000'000)
    add(text, "queued for " + fine_duration_text(x.queued_ns));
  if (x.quota_ns >= 1'000'000)
    add(text, fine_duration_text(x.quota_ns) + " of it for the quota");
  return text;
}

std::string note(const model& m, const outcome_args& x) {
  auto text = m.text(x.result);
  if (text == "retry" && x.delay_ns > 0)
    text += " in " + fine_duration_text(x.delay_ns);
  if (x.error != 0)
    text += ": " + m.text(x.error);
  return text;
}

std::string note(const model&, const page_args& x) {
  auto text = count_text(x.records) + (x.records == 1 ? " record" : " records");
  if (x.bytes > 0)
    add(text, bytes_text(x.bytes));
  if (x.last)
    add(text, "last page");
  return text;
}

std::string note(const model& m, const state_args& x) {
  return m.text(x.stream) + ", covers " + m.text(x.covers);
}

std::string note(const model& m, const note_args& x) {
  std::string text;
  for (auto name : {x.endpoint, x.stream, x.status})
    if (name != 0)
      add(text, m.text(name));
  if (x.count)
    add(text, count_text(*x.count));
  return text;
}

std::string note(const model&, const std::monostate&) {
  return {};
}

} // namespace

std::string note_of(const model& m, const message& x) {
  return std::visit([&m](const auto& args) { return note(m, args); }, x.args);
}

std::string note_of(const model& m, const request& x) {
  auto took = fine_duration_text(m.end_of(x) - x.begin_ns);
  if (!x.end_ns)
    return "no answer yet after " + took + ": the trace ends here";
  std::string text
    = x.status == 0 ? "no answer after " + took : "answer " + std::to_string(x.status) + " after " + took;
  if (x.bytes > 0)
    text += ", " + bytes_text(x.bytes);
  if (x.error != 0)
    text += ": " + m.text(x.error);
  return text;
}

std::string note_of(const model& m, const quota_wait& x) {
  auto took = fine_duration_text(m.end_of(x) - x.begin_ns);
  return x.end_ns ? "waited " + took + " for the quota" : "waits for the quota for " + took + ": the trace ends here";
}

std::size_t place_of(const model& m, std::uint32_t actor) {
  static constexpr std::string_view order[]
    = {"slice_generator", "governor", "fetcher", "fan_out", "emitter", "state_aggregator", "read_supervisor"};
  return static_cast<std::size_t>(std::find(std::begin(order), std::end(order), m.kind_name(actor))
                                  - std::begin(order));
}

std::string at_text(const model& m, std::int64_t at_ns) {
  char text[48];
  std::snprintf(text, sizeof text, "%.4f s", static_cast<double>(at_ns - m.begin_ns) / 1e9);
  return text;
}

std::string headline(const model& m, const slice_life& s) {
  return m.text(s.name) + ": " + std::string{to_string(s.outcome)} + ", "
         + (m.lacks_requests()
              ? ""
              : count_text(s.requests.size()) + (s.requests.size() == 1 ? " request, " : " requests, "))
         + count_text(s.records) + (s.records == 1 ? " record, " : " records, ")
         + fine_duration_text(s.end_ns - s.begin_ns) + "\n";
}

std::string no_such_slice(const model& m, const std::vector<slice_life>& all, std::string_view text) {
  auto result = "No slice of this trace has '" + std::string{text} + "' in its name.\n";
  if (all.empty())
    return result + "It holds no message that belongs to a slice.\n" + shortcomings(m);
  result += "It holds " + count_text(all.size()) + ", for example " + m.text(all.front().name) + "\n";
  return result + shortcomings(m);
}

std::string other_slices(const model& m, const std::vector<const slice_life*>& slices, std::string_view text) {
  constexpr std::size_t most_named = 5;
  if (slices.size() < 2)
    return {};
  auto result = "The first of " + count_text(slices.size()) + " slices with '" + std::string{text}
                + "' in their names; the others:\n";
  for (std::size_t i = 1; i < slices.size() && i <= most_named; ++i)
    result += "  " + m.text(slices[i]->name) + "\n";
  if (slices.size() > most_named + 1)
    result += "  and " + count_text(slices.size() - most_named - 1) + " more\n";
  return result;
}

std::string no_requests(const model& m) {
  return "The trace holds no requests: its filter '" + m.head->filter
         + "' let none through (they are messages http of fetchers).\n";
}

std::string shortcomings(const model& m) {
  std::string text;
  if (m.unreadable > 0)
    text += count_text(m.unreadable)
            + (m.unreadable == 1 ? " line is no event: the last one, if the run was killed.\n"
                                 : " lines are no events: is this file damaged?\n");
  if (!m.end)
    text += "The trace has no end: the run was killed, or is still going on.\n";
  else if (m.end->left_out > 0)
    text += count_text(m.end->left_out) + " messages are not in this trace ("
            + (m.head && !m.head->filter.empty() ? "filter " + m.head->filter : m.end->reason) + ").\n";
  return text;
}

} // namespace sluice::trace
