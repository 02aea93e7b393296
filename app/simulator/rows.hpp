#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace sluice::simulator {

/// Numbers of a list's rows by rising `date_modified`: a range of those that stand where they stood at the start, then
/// those that changed since, by the time of their last change.
class row_range {
public:
  row_range() = default;
  /// @param gone those of [first, last) that are not there any more, rising.
  row_range(std::uint64_t first, std::uint64_t last, std::vector<std::uint64_t> gone, std::vector<std::uint64_t> moved)
    : first_(first), last_(last), gone_(std::move(gone)), moved_(std::move(moved)) {}

  std::uint64_t size() const noexcept { return last_ - first_ - gone_.size() + moved_.size(); }
  /// The row at a position below `size()`.
  std::uint64_t operator[](std::uint64_t position) const noexcept;

  /// The parts it is made of.
  std::uint64_t first() const noexcept { return first_; }
  std::uint64_t last() const noexcept { return last_; }
  const std::vector<std::uint64_t>& gone() const noexcept { return gone_; }
  const std::vector<std::uint64_t>& moved() const noexcept { return moved_; }

private:
  std::uint64_t first_ = 0;
  std::uint64_t last_ = 0;
  std::vector<std::uint64_t> gone_;
  std::vector<std::uint64_t> moved_;
};

/// The `i`-th number from `first` on that is not in `gone`, which is rising.
std::uint64_t skip_gone(const std::vector<std::uint64_t>& gone, std::uint64_t first, std::uint64_t i) noexcept;

/// What became of one list's rows since the start. Needs memory for rows that changed only. Changes are numbered from
/// 1, over all lists; their times never go back.
class row_changes {
public:
  void modify(std::uint64_t row, std::uint64_t change, std::int64_t time);
  void remove(std::uint64_t row, std::uint64_t change);
  void add(std::uint64_t row, std::uint64_t change, std::int64_t time);

  std::uint64_t added() const noexcept { return added_; }
  std::uint64_t removed() const noexcept { return removed_; }
  bool is_removed(std::uint64_t row) const;
  /// Time of the last change in seconds since the epoch, or null.
  const std::int64_t* modified(std::uint64_t row) const;
  /// Time at which an added row came.
  std::int64_t added_at(std::uint64_t row) const { return rows_.at(row).first_time; }
  /// Whether the row was there at the change `since` (0: at the start) and is still there.
  bool lasts(std::uint64_t row, std::uint64_t since) const;
  /// Whether nothing happened to it after that change.
  bool untouched(std::uint64_t row, std::uint64_t since) const;

  /// Of the rows [first, last), which all existed at the start, those that still stand there, and the rows that changed
  /// at a time within the inclusive bounds, in microseconds.
  row_range apply(std::uint64_t first, std::uint64_t last, std::int64_t lower_us, std::int64_t upper_us) const;

private:
  struct state {
    std::int64_t time = 0;
    std::int64_t first_time = 0;
    /// Numbers of changes; 0 is never.
    std::uint64_t added = 0;
    std::uint64_t removed = 0;
    std::uint64_t touched = 0;
  };
  void forget_place(std::uint64_t row);

  std::map<std::uint64_t, state> rows_;
  /// By time.
  std::vector<std::uint64_t> moved_;
  std::uint64_t added_ = 0;
  std::uint64_t removed_ = 0;
};

} // namespace sluice::simulator
