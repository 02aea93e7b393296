#include "app/simulator/rows.hpp"

#include <algorithm>

namespace sluice::simulator {

std::uint64_t skip_gone(const std::vector<std::uint64_t>& gone, std::uint64_t first, std::uint64_t i) noexcept {
  // gone[j] - first - j numbers that are there stand before gone[j].
  std::uint64_t low = 0;
  std::uint64_t high = gone.size();
  while (low < high) {
    auto middle = low + (high - low) / 2;
    if (gone[middle] - first - middle > i)
      high = middle;
    else
      low = middle + 1;
  }
  return first + i + low;
}

std::uint64_t row_range::operator[](std::uint64_t position) const noexcept {
  auto standing = last_ - first_ - gone_.size();
  if (position >= standing)
    return moved_[position - standing];
  return skip_gone(gone_, first_, position);
}

void row_changes::forget_place(std::uint64_t row) {
  if (auto found = std::find(moved_.begin(), moved_.end(), row); found != moved_.end())
    moved_.erase(found);
}

void row_changes::modify(std::uint64_t row, std::uint64_t change, std::int64_t time) {
  auto& s = rows_[row];
  s.time = time;
  s.touched = change;
  forget_place(row);
  moved_.push_back(row);
}

void row_changes::remove(std::uint64_t row, std::uint64_t change) {
  auto& s = rows_[row];
  s.removed = change;
  s.touched = change;
  forget_place(row);
  ++removed_;
}

void row_changes::add(std::uint64_t row, std::uint64_t change, std::int64_t time) {
  modify(row, change, time);
  auto& s = rows_[row];
  s.first_time = time;
  s.added = change;
  ++added_;
}

bool row_changes::is_removed(std::uint64_t row) const {
  auto found = rows_.find(row);
  return found != rows_.end() && found->second.removed != 0;
}

const std::int64_t* row_changes::modified(std::uint64_t row) const {
  auto found = rows_.find(row);
  return found == rows_.end() || found->second.time == 0 ? nullptr : &found->second.time;
}

bool row_changes::lasts(std::uint64_t row, std::uint64_t since) const {
  auto found = rows_.find(row);
  return found == rows_.end() || (found->second.removed == 0 && found->second.added <= since);
}

bool row_changes::untouched(std::uint64_t row, std::uint64_t since) const {
  auto found = rows_.find(row);
  return found == rows_.end() || found->second.touched <= since;
}

row_range row_changes::apply(std::uint64_t first, std::uint64_t last, std::int64_t lower_us,
                             std::int64_t upper_us) const {
  std::vector<std::uint64_t> gone;
  for (auto i = rows_.lower_bound(first); i != rows_.end() && i->first < last; ++i)
    gone.push_back(i->first);
  std::vector<std::uint64_t> moved;
  for (auto row : moved_)
    if (auto t = rows_.at(row).time * 1'000'000; t >= lower_us && t <= upper_us)
      moved.push_back(row);
  return {first, last, std::move(gone), std::move(moved)};
}

} // namespace sluice::simulator
