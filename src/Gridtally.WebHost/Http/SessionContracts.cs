using Gridtally.WebHost.Access;

namespace Gridtally.WebHost.Http;

internal sealed record Credentials(string User, string Password);

internal sealed record SessionAnswer(string User, UserRole Role, DateTimeOffset ExpiresAt);

internal sealed record PasswordRequest(string Current, string Next);

internal sealed record UserAnswer(string Name, UserRole Role);

internal sealed record NewUserRequest(string Name, UserRole Role, string Password);

internal sealed record HealthAnswer(string Status, string? Detail);
