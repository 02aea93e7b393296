#include "app/trace/slices.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace sluice::trace {

namespace {

class collector {
public:
  explicit collector(const model& m) : model_(m) {}

  slice_life& at(std::uint64_t id, name_id name, std::int64_t begin_ns) {
    auto [found, is_new] = index_.try_emplace({id, id == 0 ? name : 0}, slices_.size());
    if (is_new) {
      slices_.emplace_back();
      slices_.back().id = id;
      slices_.back().begin_ns = begin_ns;
      slices_.back().end_ns = begin_ns;
    }
    auto& s = slices_[found->second];
    if (s.name == 0)
      s.name = name;
    s.begin_ns = std::min(s.begin_ns, begin_ns);
    return s;
  }

  void take(std::uint32_t i, const message& m) {
    if (m.slice == 0)
      return;
    auto begin = m.sent_ns;
    if (const auto* p = std::get_if<permit_args>(&m.args))
      begin -= p->queued_ns;
    auto& s = at(m.slice_id, m.slice, begin);
    s.end_ns = std::max(s.end_ns, m.end_ns());
    s.messages.push_back(i);
    const auto& name = model_.text(m.name);
    if (name == "slice_failed")
      s.outcome = slice_outcome::failed;
    if (const auto* page = std::get_if<page_args>(&m.args)) {
      if (name == "record_batch")
        s.records += page->records;
      else if (page->last)
        s.outcome = slice_outcome::done;
    }
  }

  std::vector<slice_life> finish() {
    for (auto& s : slices_)
      if (s.endpoint == 0) {
        const auto& name = model_.text(s.name);
        s.endpoint = model_.names.find(name.substr(0, name.find(' ')));
      }
    std::stable_sort(slices_.begin(), slices_.end(),
                     [](const slice_life& a, const slice_life& b) { return a.begin_ns < b.begin_ns; });
    return std::move(slices_);
  }

private:
  const model& model_;
  std::vector<slice_life> slices_;
  std::map<std::pair<std::uint64_t, name_id>, std::size_t> index_;
};

} // namespace

std::vector<slice_life> collect_slices(const model& m) {
  collector c{m};
  for (std::uint32_t i = 0; i < m.messages.size(); ++i)
    c.take(i, m.messages[i]);
  for (std::uint32_t i = 0; i < m.requests.size(); ++i) {
    const auto& x = m.requests[i];
    if (x.slice == 0)
      continue;
    auto& s = c.at(x.slice_id, x.slice, x.begin_ns);
    s.endpoint = x.endpoint;
    s.end_ns = std::max(s.end_ns, m.end_of(x));
    s.requests.push_back(i);
  }
  for (std::uint32_t i = 0; i < m.quota_waits.size(); ++i) {
    const auto& x = m.quota_waits[i];
    if (x.slice == 0)
      continue;
    auto& s = c.at(x.slice_id, x.slice, x.begin_ns);
    s.end_ns = std::max(s.end_ns, m.end_of(x));
    s.quota_waits.push_back(i);
  }
  return c.finish();
}

namespace {

/// When the first row about it comes in a table.
std::int64_t first_event_ns(const model& m, const slice_life& s) {
  auto first = std::numeric_limits<std::int64_t>::max();
  if (!s.messages.empty())
    first = m.messages[s.messages.front()].begin_ns;
  for (auto i : s.requests)
    first = std::min(first, m.end_of(m.requests[i]));
  for (auto i : s.quota_waits)
    first = std::min(first, m.end_of(m.quota_waits[i]));
  return first;
}

} // namespace

std::vector<const slice_life*> slices_named(const model& m, const std::vector<slice_life>& all, std::string_view text) {
  std::string spaced{text};
  if (auto slash = spaced.find('/'); slash != std::string::npos)
    spaced[slash] = ' ';
  std::vector<std::pair<std::int64_t, const slice_life*>> found;
  for (const auto& s : all)
    if (const auto& name = m.text(s.name);
        name.find(text) != std::string::npos || name.find(spaced) != std::string::npos)
      found.emplace_back(first_event_ns(m, s), &s);
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const slice_life*> result;
  result.reserve(found.size());
  for (const auto& [at, s] : found)
    result.push_back(s);
  return result;
}

std::int64_t active_ns(const model& m, const slice_life& s) {
  auto at = s.end_ns;
  for (auto i : s.requests)
    at = std::min(at, m.requests[i].begin_ns);
  if (s.requests.empty() && !s.messages.empty())
    at = std::min(at, m.messages[s.messages.front()].begin_ns);
  auto active = s.end_ns - at;
  auto waits = stretches_of(m, s);
  std::erase_if(waits, [](const stretch& x) { return x.what == phase::request; });
  std::sort(waits.begin(), waits.end(), [](const stretch& a, const stretch& b) { return a.begin_ns < b.begin_ns; });
  for (const auto& x : waits) {
    auto end = std::min(x.end_ns, s.end_ns);
    active -= std::max<std::int64_t>(0, end - std::max(at, x.begin_ns));
    at = std::max(at, end);
  }
  return active;
}

std::vector<const slice_life*> most_telling(const model& m, const std::vector<slice_life>& all, std::size_t count) {
  struct candidate {
    bool ended_well;
    std::int64_t telling_ns;
    std::int64_t lived_ns;
    const slice_life* slice;
  };
  std::vector<candidate> candidates;
  candidates.reserve(all.size());
  for (const auto& s : all) {
    auto telling = active_ns(m, s);
    for (auto i : s.quota_waits)
      telling += m.end_of(m.quota_waits[i]) - m.quota_waits[i].begin_ns;
    candidates.push_back({s.outcome == slice_outcome::done, telling, s.end_ns - s.begin_ns, &s});
  }
  if (candidates.size() > count) {
    std::stable_sort(candidates.begin(), candidates.end(), [](const candidate& a, const candidate& b) {
      return std::tie(a.ended_well, b.telling_ns, b.lived_ns) < std::tie(b.ended_well, a.telling_ns, a.lived_ns);
    });
    candidates.resize(count);
  }
  std::vector<const slice_life*> result;
  result.reserve(candidates.size());
  for (const auto& c : candidates)
    result.push_back(c.slice);
  std::sort(result.begin(), result.end()); // as they lie in `all`
  return result;
}

std::vector<stretch> stretches_of(const model& m, const slice_life& s) {
  std::vector<stretch> result;
  for (auto i : s.requests) {
    const auto& x = m.requests[i];
    auto ready_until = x.story.permit_sent_ns.value_or(x.begin_ns);
    if (x.story.queued_ns > 0)
      result.push_back({ready_until - x.story.queued_ns, ready_until, phase::queued});
    result.push_back({x.begin_ns, m.end_of(x), phase::request});
  }
  for (auto i : s.quota_waits)
    result.push_back({m.quota_waits[i].begin_ns, m.end_of(m.quota_waits[i]), phase::quota});
  return result;
}

namespace {

std::string short_name(const std::string& name, const std::string& endpoint) {
  if (endpoint.empty() || name.size() <= endpoint.size() + 1 || !name.starts_with(endpoint + " "))
    return name;
  std::string result;
  auto rest = std::string_view{name}.substr(endpoint.size() + 1);
  while (!rest.empty()) {
    auto word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    if (auto equals = word.find('='); equals != std::string_view::npos) {
      word.remove_prefix(equals + 1);
      if (word.size() > 2 && word.front() == '"' && word.back() == '"')
        word = word.substr(1, word.size() - 2);
    }
    result += (result.empty() ? "" : " ") + std::string{word};
  }
  for (std::string_view midnight : {"T00:00:00Z", "T23:59:59Z"})
    for (auto at = result.find(midnight); at != std::string::npos; at = result.find(midnight))
      result.erase(at, midnight.size());
  return result;
}

} // namespace

std::string short_name(const model& m, const slice_life& s) {
  return short_name(m.text(s.name), m.text(s.endpoint));
}

std::string brief_name(const model& m, name_id slice, name_id endpoint) {
  auto name = short_name(m.text(slice), m.text(endpoint));
  return name == m.text(slice) ? name : m.text(endpoint) + " " + name;
}

std::string_view to_string(slice_outcome outcome) noexcept {
  switch (outcome) {
    case slice_outcome::open:
      return "open";
    case slice_outcome::done:
      return "done";
    case slice_outcome::failed:
      return "failed";
  }
  return "";
}

} // namespace sluice::trace
