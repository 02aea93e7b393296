#include "app/trace/event_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <tuple>

namespace sluice::trace {

namespace {

using element = simdjson::dom::element;

std::string_view text_of(element from, const char* key) {
  std::string_view value;
  return from[key].get(value) == simdjson::SUCCESS ? value : std::string_view{};
}

std::int64_t integer_of(element from, const char* key) {
  std::int64_t value = 0;
  return from[key].get(value) == simdjson::SUCCESS ? value : 0;
}

std::uint64_t number_of(element from, const char* key) {
  std::uint64_t value = 0;
  return from[key].get(value) == simdjson::SUCCESS ? value : 0;
}

std::uint32_t small_number_of(element from, const char* key) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(number_of(from, key), 0xffffffff));
}

/// No run takes longer than this, 31 years in microseconds; sums and differences of such times cannot overflow.
constexpr double longest_us = 1e15;

std::optional<std::int64_t> time_of(element from, const char* key) {
  double us = 0;
  if (from[key].get(us) != simdjson::SUCCESS || !std::isfinite(us))
    return std::nullopt;
  return std::llround(std::clamp(us, -longest_us, longest_us) * 1000);
}

std::int64_t duration_of(element from, const char* key) {
  return std::max<std::int64_t>(0, time_of(from, key).value_or(0));
}

/// Texts end up on terminals: control characters (also those of Unicode's C1 block) have no business there.
std::string clean(std::string_view text) {
  std::string result{text};
  for (std::size_t i = 0; i < result.size(); ++i) {
    auto c = static_cast<unsigned char>(result[i]);
    auto next = i + 1 < result.size() ? static_cast<unsigned char>(result[i + 1]) : 0;
    if (c < 0x20 || c == 0x7f)
      result[i] = ' ';
    else if (c == 0xc2 && next >= 0x80 && next < 0xa0)
      result[i] = result[i + 1] = ' ';
  }
  return result;
}

std::vector<std::string> texts_of(element from, const char* key) {
  std::vector<std::string> result;
  simdjson::dom::array list;
  if (from[key].get(list) == simdjson::SUCCESS)
    for (auto entry : list)
      if (std::string_view text; entry.get(text) == simdjson::SUCCESS)
        result.push_back(clean(text));
  return result;
}

} // namespace

name_id name_table::intern(std::string_view text) {
  auto [at, is_new] = ids_.emplace(text, static_cast<name_id>(texts_.size()));
  if (is_new)
    texts_.push_back(&at->first);
  return at->second;
}

name_id name_table::find(std::string_view text) const {
  auto found = ids_.find(std::string{text});
  return found == ids_.end() ? 0 : found->second;
}

event_reader::event_reader() {
  auto outside = model_.names.intern("outside");
  model_.actors.push_back({0, outside, outside});
  actors_.emplace(0, 0);
}

std::uint32_t event_reader::actor_of(std::uint64_t tid) {
  auto [at, is_new] = actors_.emplace(tid, static_cast<std::uint32_t>(model_.actors.size()));
  if (is_new)
    model_.actors.push_back({tid, model_.names.intern("actor"), model_.names.intern("actor #" + std::to_string(tid))});
  return at->second;
}

name_id event_reader::intern(element from, const char* key) {
  return model_.names.intern(clean(text_of(from, key)));
}

void event_reader::note_time(std::int64_t ns) {
  model_.begin_ns = timed_ ? std::min(model_.begin_ns, ns) : ns;
  model_.end_ns = timed_ ? std::max(model_.end_ns, ns) : ns;
  timed_ = true;
}

void event_reader::take(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == ','))
    line.remove_suffix(1);
  if (line.empty() || line == "[" || line == "]")
    return;
  // The arrows of a message say nothing that its span does not say.
  if ((line.starts_with("{\"ph\":\"s\"") || line.starts_with("{\"ph\":\"f\"")) && line.back() == '}')
    return;
  element event;
  if (parser_.parse(line.data(), line.size()).get(event) != simdjson::SUCCESS || !take_event(event))
    ++model_.unreadable;
}

bool event_reader::take_event(element event) {
  auto phase = text_of(event, "ph");
  if (phase.size() != 1)
    return false;
  auto category = text_of(event, "cat");
  switch (phase.front()) {
    case 'M':
      return take_metadata(event, text_of(event, "name"));
    case 'X':
      return category == "message" ? take_message(event) : true;
    case 'b':
    case 'e':
      if (category == "http")
        return take_http(event, phase.front());
      if (category == "output")
        return take_output(event, phase.front());
      return category == "quota" ? take_quota(event, phase.front()) : true;
    case 'C':
      return take_counter(event);
    default:
      return true; // arrows, instants, and what other tools may add
  }
}

bool event_reader::take_metadata(element event, std::string_view name) {
  element args;
  if (event["args"].get(args) != simdjson::SUCCESS)
    return false;
  if (name == "thread_name") {
    auto full = clean(text_of(args, "name"));
    // Events may come before the name of their actor.
    auto& a = model_.actors[actor_of(number_of(event, "tid"))];
    if (!full.empty() && a.tid != 0) {
      a.name = model_.names.intern(full);
      a.kind = model_.names.intern(full.substr(0, full.find(" #")));
    }
  } else if (name == "sluice_trace") {
    model_.head
      = file_header{clean(text_of(args, "version")), integer_of(args, "epoch_us"), clean(text_of(args, "filter")),
                    clean(text_of(args, "limit")),   texts_of(args, "endpoints"),  texts_of(args, "streams")};
  } else if (name == "sluice_end") {
    model_.end = ending{number_of(args, "messages"), number_of(args, "left_out"), clean(text_of(args, "reason"))};
  }
  return true;
}

bool event_reader::take_message(element event) {
  message m;
  auto begin = time_of(event, "ts");
  auto name = text_of(event, "name");
  element args;
  if (!begin || name.empty() || event["args"].get(args) != simdjson::SUCCESS)
    return false;
  m.begin_ns = *begin;
  m.took_ns = duration_of(event, "dur");
  m.sent_ns = std::min(time_of(args, "sent").value_or(*begin), *begin);
  m.to = actor_of(number_of(event, "tid"));
  m.from = actor_of(number_of(args, "from"));
  m.name = intern(event, "name");
  m.slice = intern(args, "slice");
  m.slice_id = number_of(args, "slice_id");
  m.page = small_number_of(args, "page");
  take_args(m, name, args);
  note_time(m.sent_ns);
  note_time(m.end_ns());
  model_.messages.push_back(m);
  return true;
}

void event_reader::take_args(message& m, std::string_view name, element args) {
  if (name == "permit") {
    m.args = permit_args{number_of(args, "ticket"), small_number_of(args, "attempt"), duration_of(args, "queued_us"),
                         duration_of(args, "quota_us")};
  } else if (name == "page_outcome") {
    m.args = outcome_args{number_of(args, "ticket"),    intern(args, "result"),   intern(args, "error"),
                          integer_of(args, "status"),   number_of(args, "bytes"), duration_of(args, "took_us"),
                          duration_of(args, "delay_us")};
  } else if (name == "record_batch" || name == "page_written") {
    page_args page;
    page.records = number_of(args, "records");
    page.bytes = number_of(args, "bytes");
    if (std::int64_t upper = 0; args["upper_us"].get(upper) == simdjson::SUCCESS)
      page.upper_us = upper;
    page.streams = intern(args, "streams");
    if (bool last = false; args["last"].get(last) == simdjson::SUCCESS)
      page.last = last;
    page.first_key = model_.keys.size();
    for (auto rest = text_of(args, "keys"); !rest.empty();) {
      auto word = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(rest.size(), word.size() + 1));
      std::uint64_t key = 0;
      auto end = word.data() + word.size();
      if (auto read = std::from_chars(word.data(), end, key, 16); read.ec == std::errc{} && read.ptr == end)
        model_.keys.push_back(key);
    }
    page.keys = static_cast<std::uint32_t>(model_.keys.size() - page.first_key);
    m.args = page;
  } else if (name == "state_update") {
    m.args = state_args{intern(args, "stream"), intern(args, "covers"), integer_of(args, "through_us"),
                        number_of(args, "bytes")};
  } else {
    note_args note;
    note.stream = intern(args, "stream");
    note.endpoint = intern(args, "endpoint");
    note.status = intern(args, "status");
    for (const char* key : {"count", "records"})
      if (std::uint64_t count = 0; args[key].get(count) == simdjson::SUCCESS)
        note.count = count;
    if (note.stream != 0 || note.endpoint != 0 || note.status != 0 || note.count)
      m.args = note;
  }
}

bool event_reader::take_http(element event, char phase) {
  auto at = time_of(event, "ts");
  std::uint64_t ticket = 0;
  if (!at || event["id"].get(ticket) != simdjson::SUCCESS)
    return false;
  element args;
  bool has_args = event["args"].get(args) == simdjson::SUCCESS;
  auto& span = http_[ticket];
  note_time(*at);
  if (phase == 'b') {
    if (span.begun || !has_args)
      return false;
    span.begun = true;
    request x;
    x.ticket = ticket;
    x.begin_ns = *at;
    x.actor = actor_of(number_of(event, "tid"));
    x.endpoint = intern(event, "name");
    x.slice = intern(args, "slice");
    x.slice_id = number_of(args, "slice_id");
    x.page = small_number_of(args, "page");
    x.attempt = small_number_of(args, "attempt");
    span.index = model_.requests.size();
    model_.requests.push_back(x);
  } else {
    span.end_ns = *at;
    if (has_args) {
      span.status = integer_of(args, "status");
      span.bytes = number_of(args, "bytes");
      span.error = intern(args, "error");
    }
  }
  if (span.begun && span.end_ns) {
    auto& x = model_.requests[span.index];
    x.end_ns = std::max(*span.end_ns, x.begin_ns);
    x.status = span.status;
    x.bytes = span.bytes;
    x.error = span.error;
  }
  return true;
}

bool event_reader::take_quota(element event, char phase) {
  auto at = time_of(event, "ts");
  std::uint64_t ticket = 0;
  if (!at || event["id"].get(ticket) != simdjson::SUCCESS)
    return false;
  auto& span = quota_[ticket];
  note_time(*at);
  if (phase == 'b') {
    element args;
    if (span.begun || event["args"].get(args) != simdjson::SUCCESS)
      return false;
    span.begun = true;
    span.index = model_.quota_waits.size();
    model_.quota_waits.push_back({ticket, *at, std::nullopt, actor_of(number_of(event, "tid")),
                                  intern(args, "endpoint"), intern(args, "slice"), number_of(args, "slice_id"),
                                  small_number_of(args, "page")});
  } else {
    span.end_ns = *at;
  }
  if (span.begun && span.end_ns) {
    auto& x = model_.quota_waits[span.index];
    x.end_ns = std::max(*span.end_ns, x.begin_ns);
  }
  return true;
}

bool event_reader::take_output(element event, char phase) {
  auto at = time_of(event, "ts");
  if (!at)
    return false;
  note_time(*at);
  auto actor = actor_of(number_of(event, "tid"));
  if (phase == 'b') {
    outputs_[actor] = *at;
  } else if (auto begun = outputs_.find(actor); begun != outputs_.end()) {
    model_.output_waits.push_back({actor, begun->second, std::max(begun->second, *at)});
    outputs_.erase(begun);
  }
  return true;
}

bool event_reader::take_counter(element event) {
  auto at = time_of(event, "ts");
  simdjson::dom::object args;
  if (!at || event["args"].get(args) != simdjson::SUCCESS)
    return false;
  note_time(*at);
  auto name = clean(text_of(event, "name"));
  for (auto [key, value] : args) {
    double number = 0;
    if (value.get(number) != simdjson::SUCCESS)
      continue;
    auto [found, is_new] = counters_.try_emplace({name, clean(key)}, model_.counters.size());
    if (is_new)
      model_.counters.push_back({name, clean(key), {}});
    model_.counters[found->second].samples.emplace_back(*at, number);
  }
  return true;
}

void event_reader::mark_last_tries() {
  using place = std::tuple<std::uint64_t, name_id, std::uint32_t>;
  std::set<place> failed;
  const auto failed_name = model_.names.find("failed");
  for (auto& m : model_.messages) {
    const place where{m.slice_id, m.slice_id == 0 ? m.slice : 0, m.page};
    if (auto* permit = std::get_if<permit_args>(&m.args))
      permit->again = permit->attempt == 0 && failed.contains(where);
    else if (const auto* outcome = std::get_if<outcome_args>(&m.args);
             outcome != nullptr && failed_name != 0 && outcome->result == failed_name)
      failed.insert(where);
  }
}

void event_reader::name_endpoints() {
  std::vector<bool> seen;
  for (const auto& m : model_.messages) {
    if (m.slice == 0)
      continue;
    seen.resize(std::max<std::size_t>(seen.size(), m.slice + 1));
    if (seen[m.slice])
      continue;
    seen[m.slice] = true;
    const auto& name = model_.text(m.slice);
    model_.names.intern(name.substr(0, name.find(' ')));
  }
}

void event_reader::tell_stories() {
  std::unordered_map<std::uint64_t, std::size_t> by_ticket;
  for (std::size_t i = 0; i < model_.requests.size(); ++i)
    by_ticket.emplace(model_.requests[i].ticket, i);
  for (const auto& m : model_.messages) {
    const auto* permit = std::get_if<permit_args>(&m.args);
    const auto* outcome = std::get_if<outcome_args>(&m.args);
    if (permit == nullptr && outcome == nullptr)
      continue;
    auto found = by_ticket.find(permit != nullptr ? permit->ticket : outcome->ticket);
    if (found == by_ticket.end())
      continue;
    auto& story = model_.requests[found->second].story;
    if (permit != nullptr) {
      story.permit_sent_ns = m.sent_ns;
      story.permit_begin_ns = m.begin_ns;
      story.again = permit->again;
      story.queued_ns = permit->queued_ns;
      story.quota_ns = permit->quota_ns;
    } else {
      story.result = outcome->result;
      story.delay_ns = outcome->delay_ns;
    }
  }
}

model event_reader::finish() {
  // In place: there may be millions.
  std::sort(model_.messages.begin(), model_.messages.end(), [](const message& a, const message& b) {
    return std::tie(a.begin_ns, a.took_ns, a.to) < std::tie(b.begin_ns, b.took_ns, b.to);
  });
  auto by_begin = [](const auto& a, const auto& b) { return a.begin_ns < b.begin_ns; };
  std::stable_sort(model_.requests.begin(), model_.requests.end(), by_begin);
  std::stable_sort(model_.quota_waits.begin(), model_.quota_waits.end(), by_begin);
  for (auto& c : model_.counters)
    std::stable_sort(c.samples.begin(), c.samples.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
  name_endpoints();
  mark_last_tries();
  tell_stories();
  return std::move(model_);
}

} // namespace sluice::trace
