using Microsoft.AspNetCore.Http;

namespace Gridtally.WebHost.Http;

/// <summary>Headers that every answer carries.</summary>
internal static class SecurityHeaders
{
    /// <summary>Own files only: no inline script or style, no eval, no frames, no forms to elsewhere. Images may be data: (plots, icons).</summary>
    public const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
        + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    public static void Add(IHeaderDictionary headers, bool certificateIsTrusted)
    {
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        // With a self-signed certificate it would take the browser's "proceed anyway" away, and lock the owner out.
        if (certificateIsTrusted) headers.StrictTransportSecurity = "max-age=31536000";
    }
}
