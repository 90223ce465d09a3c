-- KEYS: life, feed. ARGV: the life and the place that the follower knows, most changes.
local born, last = life()
if ARGV[1] == born then
    -- The change at that place was the last it read. Where it is gone, others may be gone with it:
    -- trimmed, or lost with the server's last moments.
    local told = redis.call('XRANGE', KEYS[2], ARGV[2] .. '-0', '+', 'COUNT', ARGV[3] + 1)
    if told[1] and told[1][1] == ARGV[2] .. '-0' then
        table.remove(told, 1)
        return { born, last, told }
    end
end
return { born, last }
