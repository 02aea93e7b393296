#pragma once

#include "config/language/signature.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sluice::language::detail {

/// What templates know beside values: functions, methods of a value, macros, namespaces, `loop`. It lives as long as
/// the evaluation that made it.
class entity {
public:
  entity() = default;
  virtual ~entity() = default;
  entity(const entity&) = delete;
  entity& operator=(const entity&) = delete;

  /// What messages call it: `a function`.
  virtual std::string_view kind() const noexcept = 0;
  /// Of a function or method, what it is called by.
  virtual std::string_view name() const noexcept { return {}; }
  /// Python's `repr`, with zeros for the address that is in some.
  virtual std::string text() const = 0;
  virtual bool is_callable() const noexcept { return false; }
  /// The result of a call; calling what is not callable is an error.
  virtual result<object> call(context& c, call_values given) const;
  /// The attribute of that name; nothing if there is none.
  virtual std::optional<object> attribute(context& c, std::string_view name) const;
};

/// A function, or the method of a value, as a value by itself.
class builtin_entity final : public entity {
public:
  explicit builtin_entity(const builtin& what, std::optional<object> self = std::nullopt)
    : what_(what), self_(std::move(self)) {}

  std::string_view kind() const noexcept override { return self_ ? "a method" : "a function"; }
  std::string_view name() const noexcept override { return what_.name; }
  std::string text() const override;
  bool is_callable() const noexcept override { return true; }
  result<object> call(context& c, call_values given) const override;

private:
  const builtin& what_;
  std::optional<object> self_;
};

/// Jinja's `namespace`: what statements in loops may assign to.
class namespace_entity final : public entity {
public:
  explicit namespace_entity(made_dict& items) : items_(items) {}

  made_dict& items() const noexcept { return items_; }
  std::string_view kind() const noexcept override { return "a namespace"; }
  std::string text() const override;
  std::optional<object> attribute(context& c, std::string_view name) const override;

private:
  made_dict& items_;
};

/// Jinja's `cycler`: gives its values in turn.
class cycler_entity final : public entity {
public:
  explicit cycler_entity(std::vector<object> values) : values_(std::move(values)) {}

  object current() const { return values_[at_]; }
  object next() const;
  void reset() const noexcept { at_ = 0; }
  std::string_view kind() const noexcept override { return "a cycler"; }
  std::string text() const override;
  std::optional<object> attribute(context& c, std::string_view name) const override;

private:
  std::vector<object> values_;
  mutable std::size_t at_ = 0;
};

/// Jinja's `joiner`: nothing the first time, then always the separator.
class joiner_entity final : public entity {
public:
  explicit joiner_entity(object separator) : separator_(std::move(separator)) {}

  std::string_view kind() const noexcept override { return "a joiner"; }
  std::string text() const override;
  bool is_callable() const noexcept override { return true; }
  result<object> call(context& c, call_values given) const override;

private:
  object separator_;
  mutable bool used_ = false;
};

/// Calls a function, filter, test or method with arguments that are evaluated, and counts what it reads.
result<object> call_builtin(context& c, const builtin& called, const object& self, call_values given,
                            const re2::RE2* pattern = nullptr);
/// Calls what a template calls, whatever it is.
result<object> call_object(context& c, const object& called, call_values given);

} // namespace sluice::language::detail
