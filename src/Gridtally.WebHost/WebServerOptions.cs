using System.Net;
using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using Gridtally.WebHost.Access;
using Gridtally.WebHost.Http;
using Microsoft.Extensions.Logging;

namespace Gridtally.WebHost;

/// <summary>What a product tells its web server.</summary>
public sealed record WebServerOptions
{
    /// <summary>Short name of the product, lower case letters: names its session cookie, because two products on one host share cookies.</summary>
    public required string Product { get; init; }

    /// <summary>Folder that keeps the users, the certificate and its key. Made when missing.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Address to listen on; loopback unless told otherwise.</summary>
    public IPAddress ListenAddress { get; init; } = IPAddress.Loopback;

    /// <summary>TCP port; 0 takes a free one, see <see cref="WebServer.Address"/>.</summary>
    public int Port { get; init; }

    /// <summary>Password of the first user <c>admin</c>, used only while there are no users. Null: one is made and written to a file.</summary>
    public string? InitialAdminPassword { get; init; }

    /// <summary>Assembly that carries the front end as resources named <c>web/…</c>; null serves the API only.</summary>
    public Assembly? Pages { get; init; }

    /// <summary>Source-generated JSON contracts of the product's API.</summary>
    public required IJsonTypeInfoResolver Json { get; init; }

    /// <summary>Real time: sessions, lock-outs and certificates go by it even when the product's civil clock runs faster.</summary>
    public TimeProvider LineTime { get; init; } = TimeProvider.System;

    /// <summary>Told of every login, failure, logout and change of users; must not block.</summary>
    public Action<AuditEvent>? Audit { get; init; }

    /// <summary>Called by <c>/healthz</c>: null when well, else what is wrong. Shown without login, so no secrets and no names.</summary>
    public Func<string?>? Health { get; init; }

    /// <summary>Explains an exception out of an endpoint to the user; null for one that only the log should see.</summary>
    public Func<Exception, Problem?>? Explain { get; init; }

    /// <summary>JSON that <c>/api/stream</c> sends to every open page; called at most once per <see cref="StreamInterval"/>.</summary>
    public Func<ReadOnlyMemory<byte>>? StreamSnapshot { get; init; }

    /// <summary>Name of the events of <c>/api/stream</c>.</summary>
    public string StreamEvent { get; init; } = "state";

    /// <summary>How often <c>/api/stream</c> looks for a change.</summary>
    public TimeSpan StreamInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A session unused for so long ends.</summary>
    public TimeSpan SessionIdle { get; init; } = TimeSpan.FromHours(1);

    /// <summary>A session ends after so long, used or not.</summary>
    public TimeSpan SessionLifetime { get; init; } = TimeSpan.FromHours(12);

    /// <summary>Where the server logs.</summary>
    public required ILoggerFactory Logging { get; init; }
}
