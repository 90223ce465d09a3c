-- A token bucket as the time at which it will be full (the generic cell rate algorithm).
-- KEYS: the bucket. ARGV: microseconds from one token to the next, how many it holds.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local span = interval * burst
-- Never beyond an empty bucket: a clock that was set back, or a bucket that was larger, must not
-- lock anyone out for longer.
local full = math.min(math.max(tonumber(redis.call('GET', KEYS[1]) or now), now), now + span)
local next = full + interval
if next - span > now then
    return {0, next - span - now}
end
redis.call('SET', KEYS[1], string.format('%.0f', next), 'PX', math.ceil((next - now) / 1000))
return {1, math.floor((span - (next - now)) / interval)}
