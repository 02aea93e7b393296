#include "app/trace/page.hpp"
#include "app/trace/statistics.hpp"
#include "app/trace/story.hpp"
#include "app/trace/views.hpp"
#include "messages/text/json_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <vector>

namespace sluice::trace {

namespace {

/// What a browser can handle with ease. The page says what is left out.
constexpr std::size_t most_slices = 20'000;
constexpr std::size_t most_events = 300'000;
constexpr std::size_t most_stretches = 600'000;
constexpr std::size_t points_a_series = 1200;

std::string number(double value) {
  if (!std::isfinite(value))
    return "0";
  char text[40];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

/// The page's data as JSON. Keys are short words; rows are arrays, because there may be many.
class page_data {
public:
  explicit page_data(const model& m) : m_(m), all_(collect_slices(m)) { chosen_ = most_telling(m, all_, most_slices); }

  std::string json(std::string_view title) {
    auto slices = slices_json();
    auto stories = stories_json();
    std::string result = "{\"file\":" + json_string(title);
    result += ",\"version\":" + json_string(m_.head ? m_.head->version : "");
    result += ",\"epoch\":" + std::to_string(m_.head ? m_.head->epoch_us : 0);
    result += ",\"length\":" + us(m_.end_ns);
    result += ",\"ended\":" + json_string(m_.end ? m_.end->reason : "");
    result += ",\"remarks\":" + json_string((m_.lacks_requests() ? no_requests(m_) : std::string{}) + shortcomings(m_));
    result += ",\"totals\":" + totals_json();
    result += ",\"kinds\":" + kinds_json();
    result += ",\"actors\":[";
    for (std::uint32_t i = 0; i < m_.actors.size(); ++i)
      result += (i > 0 ? ",[" : "[") + json_string(m_.actor_name(i)) + "," + std::to_string(place_of(m_, i)) + "]";
    result += "],\"slices\":" + slices + ",\"stories\":" + stories + ",\"counters\":" + counters_json();
    result += ",\"texts\":[";
    for (std::size_t i = 0; i < texts_.size(); ++i)
      result += (i > 0 ? "," : "") + json_string(texts_[i]);
    return result + "]}";
  }

private:
  std::string us(std::int64_t ns) const { return std::to_string((ns - m_.begin_ns) / 1000); }

  std::string text(const std::string& text) {
    auto [found, is_new] = text_ids_.try_emplace(text, texts_.size());
    if (is_new)
      texts_.push_back(text);
    return std::to_string(found->second);
  }

  std::string totals_json() const {
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
    std::uint64_t retries = 0;
    // Time in which at least one request waited, and the mean wait.
    double quota_ns = 0;
    double sum_ns = 0;
    auto until = m_.begin_ns;
    std::size_t failed = 0;
    std::size_t open = 0;
    for (const auto& s : all_) {
      records += s.records;
      failed += s.outcome == slice_outcome::failed ? 1 : 0;
      open += s.outcome == slice_outcome::open ? 1 : 0;
    }
    for (const auto& x : m_.requests) {
      bytes += x.bytes;
      retries += x.attempt > 0 ? 1 : 0;
    }
    for (const auto& x : m_.quota_waits) {
      auto end = m_.end_of(x);
      sum_ns += static_cast<double>(end - x.begin_ns);
      quota_ns += static_cast<double>(std::max<std::int64_t>(0, end - std::max(until, x.begin_ns)));
      until = std::max(until, end);
    }
    auto waits = static_cast<double>(std::max<std::size_t>(1, m_.quota_waits.size()));
    return "{\"requests\":" + std::to_string(m_.requests.size()) + ",\"retries\":" + std::to_string(retries)
           + ",\"bytes\":" + std::to_string(bytes) + ",\"records\":" + std::to_string(records)
           + ",\"messages\":" + std::to_string(m_.messages.size()) + ",\"slices\":" + std::to_string(all_.size())
           + ",\"failed\":" + std::to_string(failed) + ",\"open\":" + std::to_string(open) + ",\"quotaWaits\":"
           + std::to_string(m_.quota_waits.size()) + ",\"quotaTime\":" + number(std::floor(quota_ns / 1000))
           + ",\"quotaMean\":" + number(std::floor(sum_ns / waits / 1000)) + "}";
  }

  std::string kinds_json() const {
    std::string result = "[";
    for (const auto& k : kinds_of(m_))
      result += (result.size() > 1 ? ",[" : "[") + json_string(k.name) + "," + std::to_string(k.actors) + ","
                + std::to_string(k.messages) + "," + std::to_string(k.high_water) + ","
                + std::to_string(k.waited_p50_ns / 1000) + "," + std::to_string(k.waited_p99_ns / 1000) + ","
                + number(k.busy) + "," + number(k.waiting) + "]";
    return result + "]";
  }

  /// [name, short name, endpoint, begin, end, outcome, records, requests, [kind, begin, end, ...]]
  std::string slices_json() {
    std::string result = "[";
    std::size_t stretches = 0;
    for (const auto* s : chosen_) {
      result += (result.size() > 1 ? ",[" : "[") + json_string(m_.text(s->name)) + "," + json_string(short_name(m_, *s))
                + "," + text(m_.text(s->endpoint)) + "," + us(s->begin_ns) + "," + us(s->end_ns) + ","
                + std::to_string(static_cast<int>(s->outcome)) + "," + std::to_string(s->records) + ","
                + std::to_string(s->requests.size()) + ",[";
      bool first = true;
      for (const auto& x : stretches_of(m_, *s)) {
        if (stretches == most_stretches)
          break;
        ++stretches;
        result
          += (first ? "" : ",") + std::to_string(static_cast<int>(x.what)) + "," + us(x.begin_ns) + "," + us(x.end_ns);
        first = false;
      }
      result += "]]";
    }
    return result + "]";
  }

  /// For each slice [at, what, from, to, name, page, waited, took, note, ...]; what: 0 message, 1 answer, 2 quota.
  /// Null where there is no more room.
  std::string stories_json() {
    std::string result = "[";
    std::size_t events = 0;
    for (const auto* s : chosen_) {
      result += result.size() > 1 ? "," : "";
      auto story = story_of(m_, {s});
      events += story.size();
      if (events > most_events) {
        result += "null";
        continue;
      }
      result += "[";
      for (std::size_t i = 0; i < story.size(); ++i)
        result += (i > 0 ? "," : "") + event_json(story[i]);
      result += "]";
    }
    return result + "]";
  }

  std::string event_json(const story_event& e) {
    if (e.handled == nullptr) {
      auto actor = std::to_string(e.answered != nullptr ? e.answered->actor : e.waited->actor);
      auto page = std::to_string(e.answered != nullptr ? e.answered->page : e.waited->page);
      return us(e.at_ns) + (e.answered != nullptr ? ",1," : ",2,") + actor + "," + actor + "," + text("") + "," + page
             + ",0,0," + text(e.answered != nullptr ? note_of(m_, *e.answered) : note_of(m_, *e.waited));
    }
    const auto& x = *e.handled;
    return us(e.at_ns) + ",0," + std::to_string(x.from) + "," + std::to_string(x.to) + "," + text(m_.text(x.name)) + ","
           + std::to_string(x.page) + "," + std::to_string(x.waited_ns() / 1000) + ","
           + std::to_string(x.took_ns / 1000) + "," + text(note_of(m_, x));
  }

  std::string counters_json() const {
    std::string result = "[";
    for (const auto& c : m_.counters)
      result += (result.size() > 1 ? ",[" : "[") + json_string(c.name) + "," + json_string(c.series) + ",["
                + points_json(c) + "]]";
    return result + "]";
  }

  /// Where there are too many points, the lowest and the highest of each part of the time.
  std::string points_json(const counter& c) const {
    std::vector<std::pair<std::int64_t, double>> points;
    if (c.samples.size() <= points_a_series) {
      points = c.samples;
    } else {
      auto each = (c.samples.size() + points_a_series / 2 - 1) / (points_a_series / 2);
      for (std::size_t i = 0; i < c.samples.size(); i += each) {
        auto begin = c.samples.begin() + static_cast<std::ptrdiff_t>(i);
        auto end = c.samples.begin() + static_cast<std::ptrdiff_t>(std::min(c.samples.size(), i + each));
        auto [least, most]
          = std::minmax_element(begin, end, [](const auto& a, const auto& b) { return a.second < b.second; });
        points.push_back(*std::min(least, most));
        points.push_back(*std::max(least, most));
      }
    }
    std::string result;
    for (const auto& [at, value] : points)
      result += (result.empty() ? "" : ",") + us(at) + "," + number(value);
    return result;
  }

  const model& m_;
  std::vector<slice_life> all_;
  std::vector<const slice_life*> chosen_;
  std::map<std::string, std::size_t> text_ids_;
  std::vector<std::string> texts_;
};

/// Nothing in it can end the script element that holds it.
std::string inert(const std::string& json) {
  std::string result;
  result.reserve(json.size() + json.size() / 64);
  for (char c : json)
    if (c == '<')
      result += "\\u003c";
    else
      result += c;
  return result;
}

std::string html_text(std::string_view text) {
  std::string result;
  for (char c : text)
    if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else
      result += c;
  return result;
}

/// The template with the text in place of the only occurrence of the mark.
std::string filled(std::string_view page, std::string_view mark, const std::string& text) {
  auto at = page.find(mark);
  return std::string{page.substr(0, at)} + text + std::string{page.substr(at + mark.size())};
}

} // namespace

std::string html_view(const model& m, std::string_view title) {
  auto page = filled(page_template(), "{{title}}", html_text(title));
  return filled(page, "{{data}}", inert(page_data{m}.json(title)));
}

} // namespace sluice::trace
