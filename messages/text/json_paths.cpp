#include "messages/text/json_paths.hpp"

#include "messages/text/glob.hpp"
#include "messages/text/json_scan.hpp"
#include "messages/text/json_text.hpp"

#include <charconv>
#include <cstdint>

namespace sluice {

namespace {

using path_view = const std::vector<std::string>&;

/// Copies a container's text while some of its members are dropped or replaced. A kept member brings along the text
/// between it and the member before it (comma and blanks), the first one only its own text.
class member_copy {
public:
  member_copy(std::string& out, const char* container) : out_(out), inside_(container + 1), last_end_(inside_) {
    out_.push_back(*container);
  }

  /// Copies up to `value`, so that the caller can append a value of its own.
  void keep_until(const char* member, const char* value) {
    out_.append(first_ && last_end_ != inside_ ? member : last_end_, value);
    first_ = false;
  }
  void passed(const char* end) { last_end_ = end; }
  bool empty() const noexcept { return first_; }
  void finish(const char* container_end) { out_.append(last_end_, container_end); }

private:
  std::string& out_;
  const char* inside_;
  const char* last_end_;
  bool first_ = true;
};

bool is_container(const char* p, const char* end) noexcept {
  return p < end && (*p == '{' || *p == '[');
}

/// `behind` is behind an element of a list.
bool is_last(const char* behind, const char* end) noexcept {
  const auto* next = json::skip_space(behind, end);
  return next == end || *next == ']';
}

/// How far below the root what a path leads to can be asked for: bit i of a state is set if the first i segments match
/// the way down to here. Only `**` makes it more than one bit.
class path_match {
public:
  using state = std::uint64_t;

  path_match(path_view path, std::size_t depth) : path_(path), depth_(depth) {}

  state start() const { return with_skipped(state{1} << depth_); }
  bool is_met(state s) const noexcept { return ((s >> path_.size()) & 1U) != 0; }

  state below_key(state s, std::string_view key) const {
    return step(s, [&](const std::string& segment) {
      if (!is_glob(segment))
        return json::key_equals(key, segment);
      return key.find('\\') == std::string_view::npos ? glob_matches(segment, key)
                                                      : glob_matches(segment, json::unescape(key));
    });
  }

  /// @param list for its size, if a position counts from its end.
  state below_element(state s, std::int64_t position, std::string_view list) const {
    return step(s, [&](const std::string& segment) {
      std::int64_t wanted = 0;
      auto [stop, problem] = std::from_chars(segment.data(), segment.data() + segment.size(), wanted);
      if (problem != std::errc{} || stop != segment.data() + segment.size())
        return glob_matches(segment, std::to_string(position));
      return position == (wanted < 0 ? wanted + size_of(list) : wanted);
    });
  }

private:
  template <class F>
  state step(state s, F&& matches) const {
    state next = 0;
    for (auto i = depth_; i < path_.size(); ++i) {
      if (((s >> i) & 1U) == 0)
        continue;
      if (path_[i] == "**")
        next |= state{1} << i;
      else if (matches(path_[i]))
        next |= state{2} << i;
    }
    return with_skipped(next);
  }

  /// `**` may stand for nothing.
  state with_skipped(state s) const {
    for (auto i = depth_; i < path_.size(); ++i)
      if (((s >> i) & 1U) != 0 && path_[i] == "**")
        s |= state{2} << i;
    return s;
  }

  static std::int64_t size_of(std::string_view list) {
    const auto* end = list.data() + list.size();
    std::int64_t size = 0;
    json::each_element(list.data(), end, [&](const char* p) {
      ++size;
      return json::skip_value(p, end);
    });
    return size;
  }

  path_view path_;
  std::size_t depth_;
};

/// Copies a list or object while `decide(state, key or position, value)` says of each value in it whether it goes, and
/// else what the values below it are asked with (0: they all stay).
class thinning {
public:
  struct verdict {
    bool goes = false;
    std::uint64_t below = 0;
  };

  thinning(std::string& out, const char* end) : out_(out), end_(end) {}

  bool any() const noexcept { return any_; }

  /// `p` is at the container; returns the position behind it.
  template <class F>
  const char* copy(const char* p, std::uint64_t state, F& decide) {
    const bool is_list = *p == '[';
    member_copy copy{out_, p};
    std::int64_t position = 0;
    auto member = [&](const verdict& v, const char* start, const char* value) {
      const char* behind = nullptr;
      if (v.goes)
        behind = json::skip_value(value, end_);
      if (v.goes && (!is_list || is_last(behind, end_))) {
        any_ = true;
      } else {
        copy.keep_until(start, value);
        if (v.goes) {
          any_ = true;
          out_ += "null";
        } else if (v.below != 0 && is_container(value, end_)) {
          behind = this->copy(value, v.below, decide);
        } else {
          behind = json::skip_value(value, end_);
          out_.append(value, behind);
        }
      }
      copy.passed(behind);
      return behind;
    };
    const auto* behind
      = is_list
          ? json::each_element(p, end_,
                               [&](const char* value) {
                                 return member(decide(state, p, std::string_view{}, position++, value), value, value);
                               })
          : json::each_field(p, end_, [&](std::string_view key, const char* value) {
              return member(decide(state, p, key, -1, value), key.data() - 1, value);
            });
    copy.finish(behind);
    return behind;
  }

private:
  std::string& out_;
  const char* end_;
  bool any_ = false;
};

void append_nulls(std::string& out, std::int64_t count) {
  for (; count > 0; --count) {
    out += "null,";
  }
}

/// The value in the objects, and for numbers lists, that `path` needs from `depth` on.
void append_nested(std::string& out, path_view path, std::size_t depth, std::string_view value) {
  if (depth == path.size()) {
    out += value;
    return;
  }
  auto position = json::list_position(path[depth]);
  bool is_list = position >= 0;
  out.push_back(is_list ? '[' : '{');
  append_nulls(out, position);
  if (!is_list) {
    append_json_string(out, path[depth]);
    out.push_back(':');
  }
  append_nested(out, path, depth + 1, value);
  out.push_back(is_list ? ']' : '}');
}

const char* copy_with(std::string& out, const char* p, const char* end, path_view path, std::size_t depth,
                      std::string_view value, std::string& problem) {
  if (depth == path.size()) {
    out += value;
    return json::skip_value(p, end);
  }
  const auto& segment = path[depth];
  auto whole = json::view(p, json::skip_value(p, end));
  auto wanted = *p == '[' ? json::list_position(segment) : -1;
  if (*p != '{' && wanted < 0) {
    problem = "the value above `" + segment + "` is " + std::string{json::kind_of(whole)} + ", not an object";
    return end;
  }
  member_copy copy{out, p};
  bool found = false;
  auto member = [&](bool matches, const char* start, const char* at) -> const char* {
    copy.keep_until(start, at);
    const char* behind = nullptr;
    if (matches) {
      found = true;
      behind = copy_with(out, at, end, path, depth + 1, value, problem);
    } else {
      behind = json::skip_value(at, end);
      out.append(at, behind);
    }
    copy.passed(behind);
    return problem.empty() ? behind : nullptr;
  };
  std::int64_t position = 0;
  auto behind = *p == '{'
                  ? json::each_field(p, end,
                                     [&](std::string_view key, const char* at) {
                                       return member(json::key_equals(key, segment), key.data() - 1, at);
                                     })
                  : json::each_element(p, end, [&](const char* at) { return member(position++ == wanted, at, at); });
  if (!problem.empty()) {
    return end;
  }
  if (!found) {
    out += copy.empty() ? "" : ",";
    if (*p == '[') { // made as long as it has to be
      append_nulls(out, wanted - position);
    } else {
      append_json_string(out, segment);
      out.push_back(':');
    }
    append_nested(out, path, depth + 1, value);
  }
  copy.finish(behind);
  return behind;
}

template <class F>
bool thin(std::string& out, std::string_view text, std::uint64_t state, F& decide) {
  const auto before = out.size();
  thinning copy{out, text.data() + text.size()};
  copy.copy(text.data(), state, decide);
  if (!copy.any())
    out.resize(before);
  return copy.any();
}

} // namespace

bool append_without(std::string& out, std::string_view text, const std::vector<std::string>& path, std::size_t depth) {
  const auto* end = text.data() + text.size();
  if (path.size() <= depth || !is_container(text.data(), end))
    return false;
  const path_match match{path, depth};
  auto decide = [&](path_match::state s, const char* container, std::string_view key, std::int64_t position,
                    const char*) {
    auto below = position < 0 ? match.below_key(s, key) : match.below_element(s, position, json::view(container, end));
    return thinning::verdict{match.is_met(below), below};
  };
  return thin(out, text, match.start(), decide);
}

std::vector<std::string_view> find_matches(std::string_view text, const std::vector<std::string>& path,
                                           std::size_t most) {
  std::vector<std::string_view> found;
  const path_match match{path, 0};
  auto look = [&](auto& self, std::string_view container, path_match::state s) -> void {
    const auto* end = container.data() + container.size();
    std::int64_t position = 0;
    auto take = [&](path_match::state below, const char* at) -> const char* {
      const auto value = json::view(at, json::skip_value(at, end));
      if (match.is_met(below))
        found.push_back(value);
      if (below != 0 && found.size() < most && is_container(at, end))
        self(self, value, below);
      return found.size() < most ? value.data() + value.size() : nullptr;
    };
    if (container.front() == '{')
      json::each_field(container.data(), end,
                       [&](std::string_view key, const char* at) { return take(match.below_key(s, key), at); });
    else
      json::each_element(container.data(), end,
                         [&](const char* at) { return take(match.below_element(s, position++, container), at); });
  };
  if (is_container(text.data(), text.data() + text.size()))
    look(look, text, match.start());
  return found;
}

bool append_without_values(std::string& out, std::string_view text,
                           const std::function<bool(std::string_view)>& is_unwanted) {
  const auto* end = text.data() + text.size();
  if (!is_container(text.data(), end))
    return false;
  auto decide = [&](std::uint64_t, const char*, std::string_view, std::int64_t, const char* value) {
    return thinning::verdict{!is_container(value, end) && is_unwanted(json::view(value, json::skip_value(value, end))),
                             1};
  };
  return thin(out, text, 1, decide);
}

std::string append_with(std::string& out, std::string_view text, const std::vector<std::string>& path,
                        std::string_view value, std::size_t depth) {
  std::string problem;
  if (text.empty())
    append_nested(out, path, depth, value);
  else
    copy_with(out, text.data(), text.data() + text.size(), path, depth, value, problem);
  return problem;
}

} // namespace sluice
