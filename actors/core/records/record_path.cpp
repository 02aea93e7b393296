#include "actors/core/records/record_path.hpp"

#include "actors/core/pages/error_text.hpp"
#include "messages/text/glob.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

record_walk::record_walk(const output& o, const page_index& page, visitor& v)
  : output_(o), page_(page), visitor_(v), ancestors_(o.ancestors.size()) {
  for (const auto& field : o.ancestors) {
    auto most = std::min(field.from.size(), o.record_path.size());
    std::size_t shared = 0;
    while (shared < most && field.from[shared] == o.record_path[shared]) {
      ++shared;
    }
    shared_.push_back(shared);
  }
  const auto& path = o.record_path;
  has_patterns_ = std::any_of(path.begin(), path.end(), [](const auto& x) { return x != "*" && is_glob(x); });
  only_one_ = has_patterns_ && std::find(path.begin(), path.end(), "*") == path.end();
}

std::optional<std::string> record_walk::run() {
  if (page_.kind(0) != '{' && page_.kind(0) != '[') {
    stop("the body is " + std::string{json::kind_of(page_.value_text(0))} + ", not an object or a list");
  } else if (page_.kind(0) == '[' && !output_.record_path.empty() && !output_.require_records) {
    page_.each_element(0, [&](token value) {
      arrived_ = false;
      return descend(value, 0);
    });
  } else {
    descend(0, 0);
  }
  return std::move(problem_);
}

std::string record_walk::position() const {
  return "record " + std::to_string(count_) + " of " + path_text(output_.record_path.size());
}

std::string record_walk::path_text(std::size_t depth) const {
  if (depth == 0) {
    return "the body";
  }
  std::string text = "`";
  for (std::size_t i = 0; i < depth; ++i) {
    text += (i == 0 ? "" : ".") + output_.record_path[i];
  }
  return text + "`";
}

bool record_walk::stop(std::string problem) {
  problem_ = std::move(problem);
  return false;
}

void record_walk::resolve_ancestors(token t, std::size_t depth) {
  for (std::size_t i = 0; i < shared_.size(); ++i) {
    if (shared_[i] == depth) {
      ancestors_[i] = json::find_path(page_.value_text(t), output_.ancestors[i].from, depth);
    }
  }
}

/// `t` is the value after `depth` segments of the path. False if the walk ends here, as in all that follows.
bool record_walk::descend(token t, std::size_t depth) {
  resolve_ancestors(t, depth);
  if (depth == output_.record_path.size()) {
    return arrive(t);
  }
  const auto& segment = output_.record_path[depth];
  bool any = segment == "*";
  bool is_list = page_.kind(t) == '[';
  auto wanted = is_list ? json::list_position(segment) : -1;
  if (any && is_list) {
    return page_.each_element(t, [&](token value) { return descend(value, depth + 1); });
  }
  if (any && page_.kind(t) == '{') {
    return page_.each_field(t, [&](std::string_view, token value) { return descend(value, depth + 1); });
  }
  if (has_patterns_ && is_glob(segment))
    return descend_by_pattern(t, depth);
  std::optional<token> found;
  if (wanted >= 0) {
    std::int64_t position = 0;
    page_.each_element(t, [&](token value) {
      if (position++ == wanted) {
        found = value;
      }
      return !found;
    });
  } else if (page_.kind(t) == '{') {
    page_.each_field(t, [&](std::string_view key, token value) {
      if (json::key_equals(key, segment)) {
        found = value;
      }
      return true;
    });
  }
  return found ? descend(*found, depth + 1) : missing(t, depth);
}

bool record_walk::descend_by_pattern(token t, std::size_t depth) {
  const auto& segment = output_.record_path[depth];
  bool any = false;
  auto next = [&](bool matches, token value) {
    any = any || matches;
    return !matches || descend(value, depth + 1);
  };
  std::size_t position = 0;
  bool goes_on = true;
  if (page_.kind(t) == '[')
    goes_on = page_.each_element(
      t, [&](token value) { return next(glob_matches(segment, std::to_string(position++)), value); });
  else if (page_.kind(t) == '{')
    goes_on = page_.each_field(t, [&](std::string_view key, token value) {
      const bool plain = key.find('\\') == std::string_view::npos;
      return next(plain ? glob_matches(segment, key) : glob_matches(segment, json::unescape(key)), value);
    });
  return any ? goes_on : missing(t, depth);
}

/// `t` is what the whole path leads to.
bool record_walk::arrive(token t) {
  if (only_one_ && std::exchange(arrived_, true))
    return stop(path_text(output_.record_path.size()) + " leads to several places; one was expected");
  auto depth = output_.record_path.size();
  auto kind = page_.kind(t);
  // What `*` stands for is a record itself, not something that holds records.
  bool starred = depth > 0 && output_.record_path.back() == "*";
  if (kind == '[') {
    return page_.each_element(t, [&](token value) { return visit(value); });
  }
  if (starred) {
    return visit(t);
  }
  if (kind == '{') {
    bool empty = page_.kind(t + 1) == '}';
    return empty || output_.require_records ? missing(t, depth) : visit(t);
  }
  if (kind == 'n') {
    return missing(t, depth);
  }
  return stop(path_text(depth) + " is " + std::string{json::kind_of(page_.value_text(t))} + ", not a list of records");
}

bool record_walk::visit(token t) {
  ++count_;
  if (page_.kind(t) != '{') {
    return stop(position() + " is " + std::string{json::kind_of(page_.value_text(t))} + ", not an object");
  }
  return visitor_.record(t);
}

/// There are no records below `t`, which is the value after `depth` segments of the path.
bool record_walk::missing(token t, std::size_t depth) {
  if (!output_.require_records) {
    return true;
  }
  auto here = page_.value_text(t);
  auto kind = std::string{json::kind_of(here)};
  std::string text;
  if (depth == output_.record_path.size()) {
    text = path_text(depth) + " is " + kind + ", not a list of records";
  } else if (here.front() == '{' && output_.record_path[depth] != "*") {
    text = path_text(depth + 1) + " is missing; " + path_text(depth) + " has " + json::list_keys(here);
  } else {
    text = path_text(depth + 1) + " is missing; " + path_text(depth) + " is " + kind;
  }
  if (auto told = page_.kind(0) == '{' ? error_text(page_.text()) : ""; !told.empty()) {
    text += "; the server says: " + told;
  }
  return stop(std::move(text));
}

} // namespace sluice
