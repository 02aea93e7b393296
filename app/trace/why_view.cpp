#include "app/text/numbers.hpp"
#include "app/text/tables.hpp"
#include "app/trace/story.hpp"
#include "app/trace/tables.hpp"
#include "app/trace/views.hpp"
#include "messages/fingerprint.hpp"
#include "messages/text/durations.hpp"
#include "messages/text/json_text.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>
#include <vector>

namespace sluice::trace {

namespace {

/// A record that lists brought more than this often is shown as often as this.
constexpr std::size_t most_chains = 5;

constexpr std::string_view comes_again = "if the run is started again from its last state, this record comes again";

/// `"123"` and `123`: a trace knows no types. The parts of a key of several fields are given with commas.
std::set<std::uint64_t> fingerprints(std::string_view stream, const std::string& key) {
  std::string quoted;
  for (std::size_t at = 0; at <= key.size();) {
    auto end = std::min(key.find(',', at), key.size());
    quoted += (at == 0 ? "" : ",") + json_string(std::string_view{key}.substr(at, end - at));
    at = end + 1;
  }
  return {key_fingerprint(stream, key), key_fingerprint(stream, json_string(key)), key_fingerprint(stream, quoted)};
}

/// The pages that hold one of these keys.
std::vector<const message*> batches_with(const model& m, const std::set<std::uint64_t>& wanted) {
  std::vector<const message*> result;
  for (const auto& x : m.messages) {
    const auto* page = std::get_if<page_args>(&x.args);
    if (page == nullptr)
      continue;
    auto begin = m.keys.begin() + static_cast<std::ptrdiff_t>(page->first_key);
    if (std::any_of(begin, begin + page->keys, [&wanted](std::uint64_t k) { return wanted.contains(k); }))
      result.push_back(&x);
  }
  return result;
}

bool same_slice(const message& a, const slice_life& s) {
  return s.id != 0 ? a.slice_id == s.id : a.slice == s.name;
}

/// Lines of `when  what`.
class chain {
public:
  chain(const model& m, const view_options& o) : m_(m), o_(o) {}
  void add(std::int64_t at_ns, const std::string& what) { add(at_text(m_, at_ns), what); }
  void add(const std::string& what) { add(std::string{}, what); }
  std::string str() const { return shown(table_, o_); }

private:
  /// Sentences are not cut, but broken.
  void add(std::string at, const std::string& what) {
    constexpr std::size_t left = 14;
    auto lines = o_.whole_lines ? std::vector{what} : wrap(what, std::max(o_.width, 2 * left) - left);
    for (auto& line : lines)
      table_.rows.push_back(plain_row({std::exchange(at, {}), std::move(line)}));
  }

  const model& m_;
  const view_options& o_;
  text_table table_{{{""}, {"", false}}, {}, 2, false};
};

void add_parent(chain& c, const model& m, const message& batch, const std::string& stream, const std::string& value) {
  c.add(batch.sent_ns, "record " + stream + "/" + value + " was on page " + std::to_string(batch.page) + " of slice "
                         + m.text(batch.slice) + ": it made this slice");
}

/// Where the slice of a child came from: its name holds a field of the record that made it.
void add_origin(chain& c, const model& m, const slice_life& s) {
  const auto& name = m.text(s.name);
  auto equals = name.rfind('=');
  if (equals != std::string::npos && m.head) {
    auto value = name.substr(equals + 1);
    value = value.substr(0, value.find(' '));
    for (const auto& stream : m.head->streams)
      for (const auto* x : batches_with(m, {key_fingerprint(stream, value)}))
        if (x->begin_ns <= s.end_ns && !same_slice(*x, s))
          return add_parent(c, m, *x, stream, value);
  }
  // Else the offer that came nearest before the slice's first request was ready.
  auto offered = m.names.find("slices_offered");
  const message* nearest = nullptr;
  for (const auto& x : m.messages) {
    const auto* note = std::get_if<note_args>(&x.args);
    if (offered != 0 && x.name == offered && note != nullptr && note->endpoint == s.endpoint
        && x.begin_ns <= s.begin_ns)
      nearest = &x;
  }
  if (nearest != nullptr)
    c.add(nearest->begin_ns, m.actor_name(nearest->from) + " had offered slices of " + m.text(s.endpoint)
                               + " to the governor: this one was there at the latest then");
}

void add_requests(chain& c, const model& m, const slice_life& s, const message& batch) {
  bool found = false;
  for (auto i : s.requests) {
    const auto& x = m.requests[i];
    // A page that was read again later belongs to another batch.
    if (x.page != batch.page || x.begin_ns > batch.begin_ns)
      continue;
    found = true;
    auto text
      = "the governor sent page " + std::to_string(x.page) + " to " + m.actor_name(x.actor)
        + (x.story.again ? ", tried again at the end" : ", try " + std::to_string(std::uint64_t{x.attempt} + 1));
    if (x.story.queued_ns > 0)
      text += ", after " + fine_duration_text(x.story.queued_ns) + " in the queue";
    if (x.story.quota_ns > 0)
      text += ", " + fine_duration_text(x.story.quota_ns) + " of it for the quota";
    if (x.story.permit_sent_ns)
      text += "; handled from " + at_text(m, x.story.permit_begin_ns);
    c.add(x.story.permit_sent_ns.value_or(x.begin_ns), text);
    auto answer = note_of(m, x);
    if (m.text(x.story.result) == "retry")
      answer += "; to be tried again in " + fine_duration_text(x.story.delay_ns);
    c.add(m.end_of(x), answer);
  }
  if (!found)
    c.add("(the request is not in this trace)");
}

/// The message of this slice that says its last page is written, or null.
const message* last_written(const model& m, const slice_life& s) {
  for (auto i : s.messages)
    if (const auto* page = std::get_if<page_args>(&m.messages[i].args);
        page != nullptr && page->last && m.text(m.messages[i].name) == "page_written")
      return &m.messages[i];
  return nullptr;
}

void add_state(chain& c, const model& m, const slice_life& s, const message& written, const std::string& stream) {
  const auto* page = std::get_if<page_args>(&written.args);
  const auto* end = last_written(m, s);
  std::uint64_t states = 0;
  const message* covering = nullptr;
  const char* why = nullptr;
  for (const auto& x : m.messages) {
    const auto* state = std::get_if<state_args>(&x.args);
    if (state == nullptr || m.text(state->stream) != stream || x.sent_ns < written.begin_ns)
      continue;
    ++states;
    const auto& covers = m.text(state->covers);
    if (covers == "everything")
      why = "the stream was read to its end";
    else if (covers == "windows" && page->upper_us && state->through_us >= *page->upper_us)
      why = "it covers all windows through this slice's end";
    else if (covers == "partitions" && end != nullptr && x.sent_ns >= end->begin_ns)
      why = "this slice was complete before it";
    if (why != nullptr) {
      covering = &x;
      break;
    }
  }
  if (covering != nullptr) {
    c.add(covering->end_ns(), "a STATE of " + stream + " that covers it was written to stdout: " + why);
    return;
  }
  c.add(states == 0 ? "no STATE of " + stream + " comes after it in this trace"
                    : count_text(states) + (states == 1 ? " STATE of " : " STATEs of ") + stream
                        + (states == 1 ? " comes" : " come") + " after it in this trace, but none covers it"
                        + (end == nullptr ? ": the slice did not end" : ""));
  c.add(std::string{comes_again});
}

std::string chain_of(const model& m, const std::vector<slice_life>& slices, const message& batch,
                     const std::string& stream, const view_options& o) {
  auto found = std::find_if(slices.begin(), slices.end(), [&](const slice_life& s) { return same_slice(batch, s); });
  chain c{m, o};
  if (found == slices.end())
    return "  (its slice is not in this trace)\n";
  const auto& s = *found;
  auto head = "Page " + std::to_string(batch.page) + " of slice " + headline(m, s);
  add_origin(c, m, s);
  add_requests(c, m, s, batch);
  c.add(batch.sent_ns, m.actor_name(batch.from) + " had cut the page and sent it to " + m.actor_name(batch.to) + ": "
                         + note_of(m, batch));
  const message* written = nullptr;
  for (auto i : s.messages)
    if (const auto& x = m.messages[i];
        written == nullptr && m.text(x.name) == "page_written" && x.page == batch.page && x.sent_ns >= batch.begin_ns)
      written = &x;
  auto times = "in " + fine_duration_text(batch.took_ns) + ", after " + fine_duration_text(batch.waited_ns())
               + " in the mailbox";
  if (written == nullptr) {
    c.add(batch.end_ns(), m.actor_name(batch.to) + " took the page, " + times
                            + ", but this trace has no report that it was written: no STATE covers it");
    c.add(std::string{comes_again});
    return head + c.str();
  }
  c.add(batch.end_ns(), "the page was written to stdout, " + times);
  c.add(written->begin_ns, m.actor_name(written->to) + " learned that it is written");
  add_state(c, m, s, *written, stream);
  return head + c.str();
}

/// `text` stands in `name`, but not as a part of a longer word.
bool has_word(const std::string& name, const std::string& text) {
  auto part_of_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  for (auto at = name.find(text); at != std::string::npos; at = name.find(text, at + 1))
    if ((at == 0 || !part_of_word(name[at - 1]))
        && (at + text.size() == name.size() || !part_of_word(name[at + text.size()])))
      return true;
  return false;
}

/// Slices that may be what was meant, and that may be the reason why the record is missing.
std::string suspects(const model& m, const std::string& key) {
  constexpr std::size_t most_named = 5;
  std::string result;
  std::size_t count = 0;
  for (const auto& s : collect_slices(m)) {
    if (s.outcome == slice_outcome::done || !has_word(m.text(s.name), key))
      continue;
    if (++count > most_named)
      continue;
    result += "  " + m.text(s.name);
    if (s.outcome == slice_outcome::open) {
      result += ": the trace does not show its end\n";
      continue;
    }
    name_id error = 0;
    for (auto i : s.messages)
      if (const auto* outcome = std::get_if<outcome_args>(&m.messages[i].args);
          outcome != nullptr && outcome->error != 0)
        error = outcome->error;
    result += " failed" + (error != 0 ? ": " + m.text(error) : std::string{}) + "\n";
  }
  if (count == 0)
    return {};
  if (count > most_named)
    result += "  and " + count_text(count - most_named) + " more\n";
  return "Records may be missing because slices with " + key + " in their names did not end well:\n" + result;
}

std::string not_found(const model& m, const std::string& stream, const std::string& key) {
  auto result = "No page of this trace holds the record " + stream + "/" + key + ".\n";
  if (m.keys.empty())
    return result
           + "The trace holds no records' keys at all: no record_batch passed its filter, or no stream has a primary "
             "key.\n"
           + suspects(m, key) + shortcomings(m);
  if (m.head) {
    const auto& streams = m.head->streams;
    if (std::find(streams.begin(), streams.end(), stream) == streams.end())
      result += "There is no stream '" + stream + "' in it.\n";
    result += "Its streams:";
    for (const auto& s : streams)
      result += " " + s;
    result += "\n";
  }
  result += "The record was not read in this run, or its page is not in the trace";
  if (m.head && !m.head->filter.empty())
    result += " (filter " + m.head->filter + ")";
  if (m.head && !m.head->limit.empty())
    result += " (limit " + m.head->limit + ")";
  return result + ".\n" + suspects(m, key)
         + "KEY is the primary key of a record, as the record has it; several fields are given with commas between "
           "them.\n"
         + shortcomings(m);
}

} // namespace

answer why_view(const model& m, std::string_view record, const view_options& o) {
  auto slash = record.find('/');
  std::string stream{record.substr(0, slash)};
  std::string key{record.substr(std::min(record.size(), slash == std::string_view::npos ? slash : slash + 1))};
  auto batch_name = m.names.find("record_batch");
  auto batches = batches_with(m, fingerprints(stream, key));
  std::erase_if(batches, [batch_name](const message* x) { return x->name != batch_name; });
  if (batches.empty())
    return {not_found(m, stream, key), false};
  auto slices = collect_slices(m);
  std::string result = stream + "/" + key
                       + (batches.size() == 1 ? " is on one page of this trace.\n"
                                              : " is on " + count_text(batches.size()) + " pages of this trace.\n");
  for (std::size_t i = 0; i < std::min(batches.size(), most_chains); ++i)
    result += "\n" + chain_of(m, slices, *batches[i], stream, o);
  if (batches.size() > most_chains)
    result += "\n" + count_text(batches.size() - most_chains) + " more pages with it are left out.\n";
  return {result + shortcomings(m)};
}

} // namespace sluice::trace
