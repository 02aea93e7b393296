#include "app/trace/story.hpp"
#include "app/trace/views.hpp"
#include "messages/text/durations.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

namespace sluice::trace {

namespace {

/// Columns left of the first lifeline: the time.
constexpr std::size_t margin = 13;
/// A lifeline needs room for an arrow and most of its name.
constexpr std::size_t narrowest = 13;
constexpr std::size_t widest = 24;
/// Shorter waits in mailboxes are not worth a chart's room.
constexpr std::int64_t noticeable_wait_ns = 10'000'000;

/// One line of characters, each of which may take several bytes.
class text_row {
public:
  void put(std::size_t column, std::string_view text) {
    while (!text.empty()) {
      auto length = std::max<std::size_t>(1, utf8_sequence_length(text));
      cells_.resize(std::max(cells_.size(), column + 1), " ");
      cells_[column++] = text.substr(0, length);
      text.remove_prefix(std::min(length, text.size()));
    }
  }
  std::string str() const {
    std::string result;
    for (const auto& c : cells_)
      result += c;
    result.erase(result.find_last_not_of(' ') + 1);
    return result + "\n";
  }

private:
  std::vector<std::string> cells_;
};

/// The lifelines of a chart: one an actor, or one a kind if there are too many actors for the width.
class lifelines {
public:
  lifelines(const model& m, const std::vector<story_event>& story, std::size_t width) : width_(width) {
    std::vector<std::uint32_t> actors;
    auto meet = [&actors](std::uint32_t actor) {
      if (std::find(actors.begin(), actors.end(), actor) == actors.end())
        actors.push_back(actor);
    };
    for (const auto& e : story) {
      if (e.handled != nullptr) {
        meet(e.handled->from);
        meet(e.handled->to);
      } else {
        meet(e.answered != nullptr ? e.answered->actor : e.waited->actor);
      }
    }
    std::stable_sort(actors.begin(), actors.end(),
                     [&m](std::uint32_t a, std::uint32_t b) { return place_of(m, a) < place_of(m, b); });
    bool by_kind = margin + actors.size() * narrowest > width;
    for (auto actor : actors)
      add(m, actor, by_kind);
    auto room = width > margin ? width - margin : 0;
    gap_ = std::clamp(room / std::max<std::size_t>(1, names_.size()), narrowest, widest);
    width_ = std::max(width_, margin + gap_ * names_.size());
  }

  std::size_t at(std::uint32_t actor) const { return margin + gap_ / 2 + columns_.at(actor) * gap_; }
  std::size_t width() const { return width_; }

  /// Names in up to three lines: a kind that is too long breaks at an underscore; the number is below.
  std::string heads() const {
    std::array<text_row, 3> rows;
    auto put = [this, &rows](std::size_t line, std::size_t column, const std::string& text) {
      auto centre = margin + gap_ / 2 + column * gap_;
      rows[line].put(centre - std::min(centre, utf8_length(text) / 2), text);
    };
    for (std::size_t i = 0; i < names_.size(); ++i) {
      auto split = names_[i].find(" #");
      auto kind = names_[i].substr(0, split);
      if (auto at = kind.rfind('_'); kind.size() >= gap_ && at != std::string::npos) {
        put(0, i, std::string{utf8_prefix(kind.substr(0, at + 1), gap_ - 1)});
        kind.erase(0, at + 1);
      }
      put(1, i, std::string{utf8_prefix(kind, gap_ - 1)});
      put(2, i, split == std::string::npos ? std::string{} : names_[i].substr(split + 1));
    }
    auto top = rows[0].str();
    return (top == "\n" ? std::string{} : top) + rows[1].str() + rows[2].str();
  }

  text_row row(const std::string& time = {}) const {
    text_row result;
    result.put(margin - 2 - std::min(margin - 2, time.size()), time);
    for (std::size_t i = 0; i < names_.size(); ++i)
      result.put(margin + gap_ / 2 + i * gap_, "|");
    return result;
  }

private:
  void add(const model& m, std::uint32_t actor, bool by_kind) {
    auto name = by_kind ? m.kind_name(actor) : m.actor_name(actor);
    auto found = by_kind ? std::find(names_.begin(), names_.end(), name) : names_.end();
    columns_[actor] = static_cast<std::size_t>(found - names_.begin());
    if (found == names_.end())
      names_.push_back(name);
  }

  std::size_t width_;
  std::size_t gap_ = narrowest;
  std::map<std::uint32_t, std::size_t> columns_;
  std::vector<std::string> names_;
};

/// A label that begins right of a lifeline, or further left if it would not fit.
void put_label(text_row& row, const lifelines& lines, std::size_t column, std::string label) {
  label = " " + label + " ";
  auto room = lines.width() - margin;
  if (utf8_length(label) > room)
    label = std::string{utf8_prefix(label, room - 2)} + "..";
  row.put(std::min(column, lines.width() - std::min(lines.width(), utf8_length(label))), label);
}

std::string arrow_rows(const model& m, const lifelines& lines, const message& x) {
  auto label = m.text(x.name);
  if (x.page != 0)
    label += " p" + std::to_string(x.page);
  if (auto note = note_of(m, x); !note.empty())
    label += ": " + note;
  if (x.waited_ns() >= noticeable_wait_ns)
    label += " (" + fine_duration_text(x.waited_ns()) + " in the mailbox)";
  auto from = lines.at(x.from);
  auto to = lines.at(x.to);
  if (from == to) {
    auto row = lines.row(at_text(m, x.begin_ns));
    put_label(row, lines, to + 1, "<- " + label);
    return row.str();
  }
  auto above = lines.row();
  put_label(above, lines, std::min(from, to) + 1, label);
  auto row = lines.row(at_text(m, x.begin_ns));
  auto left = std::min(from, to) + 1;
  auto right = std::max(from, to);
  row.put(left, std::string(right - left, '-'));
  if (from < to)
    row.put(right - 1, ">");
  else
    row.put(left, "<");
  return above.str() + row.str();
}

} // namespace

answer sequence_view(const model& m, std::string_view text, const view_options& o) {
  auto all = collect_slices(m);
  auto slices = slices_named(m, all, text);
  if (slices.empty())
    return {no_such_slice(m, all, text), false};
  auto story = story_of(m, {slices.front()});
  lifelines lines{m, story, std::max(o.width, margin + 2 * narrowest)};
  auto result = other_slices(m, slices, text) + headline(m, *slices.front()) + "\n" + lines.heads();
  for (const auto& e : story) {
    if (e.handled != nullptr) {
      result += arrow_rows(m, lines, *e.handled);
      continue;
    }
    auto column = lines.at(e.answered != nullptr ? e.answered->actor : e.waited->actor);
    auto row = lines.row(at_text(m, e.at_ns));
    row.put(column, "*");
    put_label(row, lines, column + 1, e.answered != nullptr ? note_of(m, *e.answered) : note_of(m, *e.waited));
    result += row.str();
  }
  return {result + shortcomings(m)};
}

} // namespace sluice::trace
