#include "actors/core/stream_books.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

stream_books::stream_books(plan_ptr p) : plan_(std::move(p)), streams_(plan_->streams.size()) {}

void stream_books::end(stream_index s, bool complete) {
  streams_[s].ended = true;
  streams_[s].limited = streams_[s].limited && !complete;
  if (!complete && !streams_[s].limited)
    fail(s);
}

bool stream_books::count_error(stream_index s) {
  fail(s);
  return ++streams_[s].errors <= max_errors_per_stream;
}

bool stream_books::is_known_cause(stream_index s, const std::string& cause) {
  auto& of = streams_[s];
  if (std::find(of.causes.begin(), of.causes.end(), cause) != of.causes.end()) {
    fail(s);
    ++of.repeated;
    return true;
  }
  if (of.causes.size() < max_errors_per_stream)
    of.causes.push_back(cause);
  return false;
}

std::vector<stream_index> stream_books::streams_of(endpoint_id e) const {
  std::vector<stream_index> found;
  const auto& of = plan_->endpoints[e];
  for (const auto& out : of.outputs)
    if (out.emit)
      found.push_back(out.stream);
  if (found.empty())
    for (auto edge : of.child_edges)
      for (auto s : streams_of(plan_->edges[edge].child))
        found.push_back(s);
  return found;
}

std::vector<std::string> stream_books::failed() const {
  std::vector<std::string> names;
  for (stream_index s = 0; s < streams_.size(); ++s)
    if (streams_[s].failed)
      names.push_back(name(s));
  return names;
}

std::vector<std::string> stream_books::limited() const {
  std::vector<std::string> names;
  for (stream_index s = 0; s < streams_.size(); ++s)
    if (streams_[s].limited)
      names.push_back(name(s));
  return names;
}

} // namespace sluice
