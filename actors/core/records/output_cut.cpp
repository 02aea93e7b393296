#include "actors/core/records/output_cut.hpp"

#include "actors/core/state/cursor.hpp"
#include "messages/fingerprint.hpp"
#include "messages/text/json_scan.hpp"
#include "messages/text/json_text.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

/// Roughly what a parent record takes, besides its texts.
constexpr std::size_t parent_bytes = sizeof(parent_record) + 32;

/// `{"owner.id": 12}`: what the paths lead to, null where they lead to nothing. `find(path)` gives that as text.
template <class F>
std::string extra_fields_of(const std::vector<std::vector<std::string>>& paths, F&& find) {
  std::string out = "{";
  for (const auto& path : paths) {
    std::string name;
    for (const auto& segment : path)
      name += (name.empty() ? "" : ".") + segment;
    out += out.size() > 1 ? "," : "";
    append_json_string(out, name);
    const auto found = find(path);
    out += ':';
    out += found.empty() ? std::string_view{"null"} : found;
  }
  return out += '}';
}

} // namespace

output_cut::output_cut(const plan& p, const endpoint& e, const slice& s, std::uint32_t index, const page_index& page,
                       page_costs& costs, cut_page& out, bool with_keys)
  : plan_(p), endpoint_(e), slice_(s), index_(index), output_(e.outputs[index]), page_(page), costs_(costs), out_(out),
    steps_(output_, p, s, costs.record), walk_(output_, page, *this) {
  // The parents' state of an incremental dependency moves with windows that nobody prints, too.
  bool moves_child = std::any_of(e.child_edges.begin(), e.child_edges.end(),
                                 [&p](std::uint32_t edge) { return p.edges[edge].incremental; });
  is_feed_ = e.cursor && e.cursor->output == index && e.cursor->is_feed;
  if (e.cursor && e.cursor->output == index && (!s.children_only || moves_child || is_feed_)) {
    cursor_path_ = {e.cursor->cursor_field};
    fields_.emplace_back(cursor_path_);
    if (s.has_window && !s.children_only && expects_window(*e.cursor, output_))
      window_.emplace(*e.cursor, s);
  }
  for (std::size_t i = 0; i < e.child_edges.size(); ++i) {
    const auto& child = p.edges[e.child_edges[i]];
    if (child.parent_output == index) {
      edges_.push_back(i);
      fields_.emplace_back(child.parent_key);
    }
  }
  if (with_keys) {
    for (const auto& path : output_.primary_key) {
      key_.emplace_back(path);
    }
    stream_fingerprint_ = key_fingerprint_of_stream(output_.stream_name);
  }
  if (output_.expansion)
    expander_.emplace(*output_.expansion);
}

expected<void> output_cut::run(std::string_view prefix, std::string_view suffix) {
  prefix_ = prefix;
  suffix_ = suffix;
  auto problem = walk_.run();
  if (error_) {
    return tl::unexpected(std::move(*error_));
  }
  if (problem) {
    return fail(errc::bad_page, failure_type::system_error,
                "The answer does not look as stream `" + output_.stream_name + "` expects: " + *problem
                  + ". No record of this page was taken.");
  }
  // Of a feed it may be one that was not printed.
  if (records_ > 0 && !prefix_.empty() && needs_last_record() && !last_is_dropped_)
    out_.last_record = out_.lines.substr(printed_from_, printed_to_ - printed_from_);
  return {};
}

bool output_cut::record(page_index::token t) {
  const auto text = page_.value_text(t);
  return expander_ ? expand(text) : take(text, t);
}

bool output_cut::expand(std::string_view around) {
  if (expander_->is_truncated(around))
    ++out_.truncated_lists;
  auto problem = expander_->run(around, [&](std::string_view element, std::string_view made) {
    last_ = element;
    if (extracted_ == 0)
      first_ = element;
    if (made.empty() || made.front() != '{') {
      error_ = error{errc::bad_page,
                     failure_type::system_error,
                     "The answer does not look as stream `" + output_.stream_name + "` expects: an element of `"
                       + dotted(output_.expansion->path) + "` in " + walk_.position() + " is "
                       + std::string{json::kind_of(made)} + ", not an object. No record of this page was taken.",
                     {}};
      return false;
    }
    return take(made, std::nullopt);
  });
  if (!problem.empty() && !error_)
    error_
      = error{errc::bad_page,
              failure_type::system_error,
              "Stream `" + output_.stream_name + "`, " + walk_.position()
                + ": a field of it cannot be put into its elements: " + problem + ". No record of this page was taken.",
              {}};
  return !error_;
}

bool output_cut::take(std::string_view text, std::optional<page_index::token> t) {
  current_ = text;
  ++extracted_;
  if (t) {
    last_ = text;
    if (extracted_ == 1)
      first_ = text;
  }
  const record_view* changed = nullptr;
  if (steps_.idle()) {
    find_fields(t);
  } else {
    changed = after_steps(t);
    if (changed == nullptr)
      return !error_;
    for (auto& f : fields_)
      f.text = changed->find(*f.path);
  }
  const auto size = changed == nullptr ? current_.size() : changed->size();
  if (++records_ == 1)
    make_room(size);
  if (is_feed_) {
    // The paginator sees all records of the page, whatever comes of them.
    last_is_dropped_ = is_unwanted(fields_.front().text);
    if (last_is_dropped_) {
      ++unwanted_;
      if (needs_last_record())
        out_.last_record = changed == nullptr ? current_ : changed->text();
      return true;
    }
  }
  take_fields(changed);
  if (!key_.empty())
    take_key(t, changed);
  if (!print(size, changed)) {
    error_ = too_much_memory(costs_, "The page, with what stream `" + output_.stream_name + "` makes of it up to "
                                       + walk_.position() + ",");
    return false;
  }
  if (prefix_.empty() && needs_last_record())
    out_.last_record = changed == nullptr ? current_ : changed->text();
  return true;
}

const record_view* output_cut::after_steps(std::optional<page_index::token> t) {
  costs_.record->begin_anew(costs_.left(out_.lines.size()));
  auto changed = t ? steps_.apply(page_, *t, walk_.ancestors()) : steps_.apply(current_, walk_.ancestors());
  if (costs_.record->refused()) {
    error_ = too_much_memory(costs_, walk_.position() + ", decoded for the templates that change it,");
    return nullptr;
  }
  if (!changed) {
    error_ = std::move(changed.error());
    error_->message = "Stream `" + output_.stream_name + "`, " + walk_.position()
                      + ": it cannot be changed as the manifest says: " + error_->message
                      + ". No record of this page was taken.";
    return nullptr;
  }
  return *changed;
}

bool output_cut::print(std::size_t size, const record_view* changed) {
  const auto line = prefix_.empty() ? 0 : prefix_.size() + size + suffix_.size();
  if (costs_.left(out_.lines.size()) == 0 || !grow_lines(line))
    return false;
  if (line > 0) {
    out_.lines += prefix_;
    printed_from_ = out_.lines.size();
    if (changed == nullptr)
      out_.lines += current_;
    else
      changed->append_to(out_.lines);
    printed_to_ = out_.lines.size();
    out_.lines += suffix_;
  }
  return true;
}

/// Room for another line. False if there may be none: for a moment the lines are there twice.
bool output_cut::grow_lines(std::size_t bytes) {
  const auto size = out_.lines.size();
  if (size + bytes <= out_.lines.capacity()) {
    return true;
  }
  const auto room = costs_.left(0);
  if (std::max(2 * size, size + bytes) > room) {
    return false;
  }
  std::string larger;
  larger.reserve(std::min(room, std::max(2 * size, size + bytes)));
  larger += out_.lines;
  out_.lines = std::move(larger);
  return true;
}

/// For the lines of all records, should they be like the first one: much of a small record's line is its envelope.
void output_cut::make_room(std::size_t first) {
  if (!prefix_.empty()) {
    auto page = page_.text().size();
    auto lines = page / (current_.size() + 1) + 1;
    auto bytes = lines * (prefix_.size() + first + suffix_.size());
    // In steps, so that the next page, which is a little larger, fits into the same memory; and not by `reserve` on
    // the old memory, which would double it.
    constexpr std::size_t step = std::size_t{128} << 10;
    auto wanted = out_.lines.size() + std::min(bytes + bytes / 16, 4 * page);
    if (wanted > out_.lines.capacity()) {
      std::string larger;
      larger.reserve(wanted < step ? wanted : (wanted + step - 1) / step * step);
      larger += out_.lines;
      out_.lines = std::move(larger);
    }
  }
}

/// Finds the wanted fields of the record at `t`.
void output_cut::find_fields(std::optional<page_index::token> t) {
  if (fields_.empty()) {
    return;
  }
  for (auto& f : fields_) {
    f.text = t ? std::string_view{} : json::find_path(current_, *f.path);
  }
  if (!t)
    return;
  page_.each_field(*t, [&](std::string_view key, page_index::token value) {
    for (auto& f : fields_) {
      if (json::key_equals(key, f.name)) {
        f.text = json::find_path(page_.value_text(value), *f.path, 1);
      }
    }
    return true;
  });
}

void output_cut::take_fields(const record_view* changed) {
  auto field = fields_.begin();
  if (!cursor_path_.empty()) {
    take_cursor(field++->text);
  }
  for (auto edge : edges_) {
    take_parent(edge, field++->text, changed);
  }
}

/// Keys come first in most records: the rest of the record is not looked at.
void output_cut::take_key(std::optional<page_index::token> t, const record_view* changed) {
  if (changed == nullptr && t) {
    auto missing = key_.size();
    for (auto& part : key_) {
      part.text = {};
    }
    page_.each_field(*t, [&](std::string_view name, page_index::token value) {
      for (auto& part : key_) {
        if (part.text.empty() && json::key_equals(name, part.name)) {
          part.text = json::find_path(page_.value_text(value), *part.path, 1);
          --missing;
        }
      }
      return missing > 0;
    });
  } else {
    for (auto& part : key_) {
      part.text = changed == nullptr ? json::find_path(current_, *part.path) : changed->find(*part.path);
    }
  }
  auto fingerprint = add_to_fingerprint(stream_fingerprint_, key_.front().text);
  for (std::size_t i = 1; i < key_.size(); ++i) {
    fingerprint = add_to_fingerprint(add_to_fingerprint(fingerprint, ","), key_[i].text);
  }
  out_.keys.push_back(fingerprint);
}

bool output_cut::is_unwanted(std::string_view cursor) {
  const auto value = cursor.empty() ? std::nullopt : parse_record_cursor(*endpoint_.cursor, cursor);
  // What lies beyond the end says nothing of those that follow.
  out_.feed_ends = value && value->time_since_epoch().count() < slice_.unread_from_us;
  return value && !endpoint_.cursor->wants(*value, slice_.unread_from_us);
}

void output_cut::take_cursor(std::string_view text) {
  auto value = text.empty() ? std::nullopt : parse_record_cursor(*endpoint_.cursor, text);
  if (!value) {
    ++out_.records_without_cursor;
    out_.ascending = false;
    return;
  }
  auto us = static_cast<std::int64_t>(value->time_since_epoch().count());
  out_.ascending = out_.ascending && (!out_.has_cursor || us >= out_.newest_us);
  out_.newest_us = out_.has_cursor ? std::max(out_.newest_us, us) : us;
  out_.oldest_us = out_.has_cursor ? std::min(out_.oldest_us, us) : us;
  out_.has_cursor = true;
  if (window_ && window_->lacks(us))
    ++out_.records_outside;
}

/// As in the reference, any value but null makes a child slice, also an empty text, a list or an object.
void output_cut::take_parent(std::size_t edge_index, std::string_view key, const record_view* changed) {
  if (key.empty() || key == "null") {
    ++out_.without_key[edge_index];
    return;
  }
  auto& parent = out_.parents[edge_index].emplace_back();
  parent.key = key;
  const auto& edge = plan_.edges[endpoint_.child_edges[edge_index]];
  const auto find = [&](const std::vector<std::string>& path) {
    return changed == nullptr ? json::find_path(current_, path) : changed->find(path);
  };
  if (!edge.extra_fields.empty())
    parent.extra_fields = extra_fields_of(edge.extra_fields, find);
  if (edge.first_page) {
    parent.first_page = find(*edge.first_page);
    if (parent.first_page.empty() || parent.first_page == "null")
      parent.first_page = "[]"; // nothing, as in the reference
  }
  costs_.held += parent_bytes + key.size() + parent.extra_fields.size() + parent.first_page.size();
}

} // namespace sluice
